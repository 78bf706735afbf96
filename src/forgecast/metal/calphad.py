"""Freezing from composition: solid fraction, liquidus, solidus and latent heat from a thermodynamic database (TDB).

Needs the extra ``calphad`` (pycalphad and scheil). A result is kept on disk under the hash of all it depends on, so
that a second call takes no time and does not load these packages.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from importlib import import_module, metadata
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.cache_folder import cache_folder as kept_at
from forgecast.ground.citation import Source
from forgecast.ground.texts import text, verbatim
from forgecast.metal.alloy import Alloy
from forgecast.metal.curve import Curve, degC
from forgecast.metal.error import MaterialError
from forgecast.metal.property import PROPERTIES

Floats = NDArray[np.float64]
Model: TypeAlias = Literal["scheil", "lever"]

#: Names that one phase has in the databases known here; the first that a database has is taken.
PHASES: Mapping[str, tuple[str, ...]] = {
    "liquid": ("LIQUID",),
    "fcc": ("A1_FCC", "FCC_A1"),
    "bcc": ("A2_BCC", "BCC_A2"),
    "silicon": ("DIAMOND_A4", "A4_DIAMOND"),
    "graphite": ("GRAPHITE_A9", "GRAPHITE"),
    "cementite": ("CEMENTITE_D011", "CEMENTITE"),
}

_PRESSURE = 101325.0
#: Changes when the calculation does, so that no result of an older one is taken from the disk.
_EDITION = 1


@dataclass(frozen=True, slots=True)
class Freezing:
    """How a composition freezes.

    Parameters
    ----------
    temperature : tuple of float
        Rising from solidus to liquidus [K]; two equal ones where a share freezes at one temperature.
    solid_fraction : tuple of float
        By mass [1].
    latent_heat : float
        [J/kg].
    model : {"scheil", "lever"}
    phases : tuple of str
        Phases that were allowed.
    database : str
        File name and the first 12 digits of its SHA-256.
    composition : tuple of (str, float)
        Mass shares without the base element.
    base : str
    """

    temperature: tuple[float, ...]
    solid_fraction: tuple[float, ...]
    latent_heat: float
    model: Model
    phases: tuple[str, ...]
    database: str
    composition: tuple[tuple[str, float], ...]
    base: str

    @property
    def solidus(self) -> float:
        """Return the temperature at which the last liquid freezes [K]."""
        return self.temperature[0]

    @property
    def liquidus(self) -> float:
        """Return the temperature at which freezing begins [K]."""
        return self.temperature[-1]


def freezing(
    database: Path,
    base: str,
    composition: Mapping[str, float],
    *,
    model: Model | None = None,
    phases: Sequence[str] = (),
    step: float = 1.0,
    cache: Path | None = None,
) -> Freezing:
    """Compute how an alloy freezes.

    Parameters
    ----------
    database : Path
        TDB file.
    base : str
        Base element, ``AL`` or ``FE``.
    composition : mapping of str to float
        Mass shares of the other elements [1].
    model : {"scheil", "lever"} or None
        No diffusion in the solid, or equilibrium at each temperature. None takes ``lever`` for iron, where carbon
        diffuses fast, and ``scheil`` for all else.
    phases : sequence of str
        Phases allowed; empty takes from the database those of `PHASES`, each under the first of its names.
    step : float
        Step of temperature [K].
    cache : Path or None
        Folder results are kept in; None takes the user's cache folder.

    Returns
    -------
    Freezing

    Raises
    ------
    MaterialError
        If the extra is not installed, the database cannot be read or lacks an element or phase, a share is out of
        range, or no temperature was found at which the alloy is all liquid or all solid.

    Notes
    -----
    Scheil-Gulliver: at each step the liquid is brought to equilibrium and what froze is taken out. The last liquid
    freezes at the temperature at which the database knows no liquid any more. Solid fractions are turned from moles
    into mass with the liquid's composition. The latent heat is the enthalpy of the liquid at the liquidus less that of
    the equilibrium solid at its solidus, less what cooling takes with the specific heats just outside the range; for
    Scheil too, as the heat of freezing hardly depends on the path.
    """
    elements = {name.upper(): float(share) for name, share in composition.items() if share != 0.0}
    base, chosen = base.upper(), model or ("lever" if base.upper() == "FE" else "scheil")
    _check_composition(elements, base)
    digest = hashlib.sha256(_content(database)).hexdigest()
    asked = {
        "edition": _EDITION,
        "database": digest,
        "base": base,
        "composition": sorted(elements.items()),
        "model": chosen,
        "phases": sorted(phases),
        "step": step,
        "versions": [_version("pycalphad"), _version("scheil")],
    }
    key = hashlib.sha256(json.dumps(asked).encode()).hexdigest()
    kept = (cache or cache_folder()) / f"{key}.json"
    if (found := _kept(kept)) is not None:
        return found
    library = _library()
    db = _database(library, database)
    allowed = _phases(db, database, base, elements, phases)
    solved = _Solver(library, db, base, elements, allowed)
    temperature, fraction = solved.scheil(step) if chosen == "scheil" else solved.lever(step)
    result = Freezing(
        temperature=tuple(temperature.tolist()),
        solid_fraction=tuple(fraction.tolist()),
        latent_heat=solved.latent_heat(),
        model=chosen,
        phases=tuple(allowed),
        database=f"{database.name} ({digest[:12]})",
        composition=tuple(sorted(elements.items())),
        base=base,
    )
    _keep(kept, result)
    return result


def with_freezing(alloy: Alloy, result: Freezing, *, licence: str = "") -> Alloy:
    """Return an alloy that freezes as computed, its other properties as they were.

    Rows of density, conductivity and specific heat within the new freezing range are dropped: there, solid and liquid
    are mixed by the solid fraction.

    Parameters
    ----------
    alloy : Alloy
    result : Freezing
    licence : str
        Terms of the database, to be passed on with the values.

    Raises
    ------
    MaterialError
        If what is left of the tables does not enclose the new freezing range.
    """
    old = alloy.properties
    solidus, liquidus = result.solidus, result.liquidus
    curves = {
        name: Curve(curve.temperature[keep], curve.value[keep], curve.where)
        for name, curve in old.curves.items()
        for keep in [(curve.temperature <= solidus) | (curve.temperature >= liquidus)]
    }
    curves["solid_fraction"] = Curve(np.array(result.temperature), np.array(result.solid_fraction), result.database)
    constants = {n: v for n, v in old.constants.items() if n not in ("eutectic", "eutectic_share")}
    constants.update(liquidus=liquidus, solidus=solidus, latent_heat=result.latent_heat)
    shares = " ".join(f"{100.0 * share:g}{element.title()}" for element, share in result.composition)
    source = Source(
        what=text("{material}: solid fraction, liquidus, solidus and latent heat", material=alloy.title),
        source=text(
            "computed ({model}) from {database} for {base} {shares}, phases {phases}",
            model=verbatim(result.model),
            database=result.database,
            base=result.base.title(),
            shares=shares,
            phases=", ".join(result.phases),
        ),
        confidence="secondary",
        valid=f"{degC(solidus)} … {degC(liquidus)} °C",
        licence=licence,
    )
    replaced = tuple(
        text("{material}: {property}", material=alloy.title, property=PROPERTIES[n].title) for n in _REPLACED
    )
    kept = tuple(s for s in old.sources if s.what not in replaced)
    return replace(alloy, properties=replace(old, curves=curves, constants=constants, sources=(*kept, source)))


def cache_folder() -> Path:
    """Return the user's cache folder for computed freezing, by the custom of the system; it need not exist yet."""
    return kept_at("calphad")


class _Solver:
    """Equilibria of one composition, by temperature."""

    def __init__(
        self,
        library: ModuleType,
        db: Any,  # noqa: ANN401
        base: str,
        elements: Mapping[str, float],
        phases: Sequence[str],
    ) -> None:
        shares = {**elements, base: 1.0 - sum(elements.values())}
        self.mass = {name: 1e-3 * float(db.refstates[name]["mass"]) for name in shares}
        moles = {name: share / self.mass[name] for name, share in shares.items()}
        total = sum(moles.values())
        self.library, self.db, self.phases = library, db, list(phases)
        self.liquid = next(p for p in phases if p in PHASES["liquid"])
        self.components = [*sorted(shares), "VA"]
        self.shares = {name: amount / total for name, amount in moles.items()}
        v = library.variables
        self.conditions = {v.X(name): self.shares[name] for name in elements}
        self.molar_mass = 1.0 / total
        # Built once: they are compiled anew otherwise at every call.
        self.models = library.instantiate_models(db, self.components, self.phases)
        self.records = library.PhaseRecordFactory(db, self.components, [v.N, v.P, v.T], self.models)
        self.solidus, self.liquidus = self._range()

    def at(self, temperature: Floats) -> tuple[Floats, Floats, Floats]:
        """Return temperatures at which equilibrium was found [K], liquid there by mass [1], enthalpy [J/kg]."""
        v = self.library.variables
        conditions = {**self.conditions, v.T: temperature.tolist(), v.P: _PRESSURE, v.N: 1.0}
        with warnings.catch_warnings():
            # Notes of the library about its own numerics; a point without equilibrium is left out below.
            warnings.simplefilter("ignore")
            got = self.library.equilibrium(
                self.db,
                self.components,
                self.phases,
                conditions,
                output=["HM"],
                calc_opts={"pdens": 500},
                model=self.models,
                phase_records=self.records,
            )
        shape = (temperature.size, -1)
        amount = np.nan_to_num(got.NP.values.reshape(shape))
        is_liquid = got.Phase.values.reshape(shape) == self.liquid
        names = [str(name) for name in got.component.values]
        share = np.nan_to_num(got.X.values.reshape(*shape, len(names)))
        mass = share @ np.array([self.mass[name] for name in names])
        liquid = (amount * is_liquid * mass).sum(axis=1) / self.molar_mass
        found = np.isfinite(got.GM.values.reshape(-1))
        return temperature[found], liquid[found], got.HM.values.reshape(-1)[found] / self.molar_mass

    def lever(self, step: float) -> tuple[Floats, Floats]:
        """Return temperatures from solidus to liquidus and the solid fraction in equilibrium."""
        count = max(2, int(np.ceil((self.liquidus - self.solidus) / step)))
        inner = np.linspace(self.solidus + _SHARP, self.liquidus, count + 1)[:-1]
        temperature, liquid, _ = self.at(inner)
        fraction = np.minimum.accumulate(1.0 - liquid)
        first = temperature[0] - _SHARP if fraction[0] < 1.0 - 1e-6 else temperature[0]
        # What is still liquid a hair above the solidus freezes there, at one temperature.
        start = [first, first] if fraction[0] < 0.99 else [first]
        share = [1.0, fraction[0]] if fraction[0] < 0.99 else [1.0]
        return (
            np.concatenate([start, temperature[1:], [self.liquidus]]),
            np.concatenate([share, fraction[1:], [0.0]]),
        )

    def scheil(self, step: float) -> tuple[Floats, Floats]:
        """Return temperatures from the last liquid to the liquidus and the solid fraction by Scheil and Gulliver."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            got = self.library.scheil(
                self.db, self.components, self.phases, self.conditions,
                start_temperature=self.liquidus + 2.0 * step, step_temperature=step, stop=_LAST_LIQUID,
            )  # fmt: skip
        share = {name: np.array(values) for name, values in got.x_liquid.items()}
        mass = sum(self.mass[name] * share[name] for name in share)
        fraction = 1.0 - np.array(got.fraction_liquid) * mass / self.molar_mass
        temperature = np.array(got.temperatures)
        # The last row is the rest that freezes at once; what is left of it under the stopping share counts as solid.
        fraction[-1] = 1.0
        inside = (temperature < self.liquidus) & np.isfinite(fraction) & (fraction > 0.0)
        temperature, fraction = temperature[inside][::-1], np.maximum.accumulate(fraction[inside])[::-1]
        return np.concatenate([temperature, [self.liquidus]]), np.concatenate([fraction, [0.0]])

    def latent_heat(self) -> float:
        """Return the heat of freezing [J/kg]: the fall of enthalpy over the range less that of the specific heats."""
        low, high = self.solidus, self.liquidus
        t, _, h = self.at(np.array([low - 11.0, low - 1.0, high + 1.0, high + 11.0]))
        if t.size < 4:
            raise _no_equilibrium(low, high)
        solid, liquid = (h[1] - h[0]) / 10.0, (h[3] - h[2]) / 10.0
        knots, share = self.lever(1.0)
        mean = float(np.trapezoid(share * solid + (1.0 - share) * liquid, knots))
        return float((h[2] - liquid) - (h[1] + solid) - mean)

    def _range(self) -> tuple[float, float]:
        """Return solidus and liquidus in equilibrium [K], by narrowing grids."""
        low, high = 500.0, 2300.0
        t, liquid, _ = self.at(np.arange(low, high, 25.0))
        solid, melt = t[liquid < 1e-6], t[liquid > 1.0 - 1e-6]
        if not solid.size or not melt.size or liquid[-1] < 1.0 - 1e-6:
            raise _no_equilibrium(low, high)
        # From above: below the solidus a database may know liquid again where a phase was left out.
        top = float(t[liquid <= 1.0 - 1e-6].max())
        bottom = float(solid.max())
        return self._narrowed(bottom, 25.0, all_liquid=False), self._narrowed(top, 25.0, all_liquid=True)

    def _narrowed(self, below: float, width: float, *, all_liquid: bool) -> float:
        """Return the temperature above `below` at which the last solid melts or the first liquid shows, to 0.01 K."""
        while width > _SHARP:
            t, liquid, _ = self.at(np.linspace(below, below + width, 11))
            past = liquid > 1.0 - 1e-6 if all_liquid else liquid > 1e-6
            before = t[~past]
            if not before.size:
                raise _no_equilibrium(below, below + width)
            below, width = float(before.max()), width / 10.0
        return below + width


_REPLACED = ("solid_fraction", "liquidus", "solidus", "latent_heat", "eutectic", "eutectic_share")
#: What a phase is made of; it is left out where the alloy has none of it.
_NEEDED = {"silicon": "SI", "graphite": "C", "cementite": "C"}
#: Width within which solidus and liquidus are found [K].
_SHARP = 0.02
#: Share of liquid at which Scheil's way ends; the rest freezes with it.
_LAST_LIQUID = 0.005


def _no_equilibrium(low: float, high: float) -> MaterialError:
    return MaterialError(
        text("no solidus and liquidus were found between {low} and {high} °C", low=degC(low), high=degC(high)),
        where="calphad",
        repair=text(
            "check composition and phases: a missing solid phase leaves liquid behind (graphite for cast iron)"
        ),
    )


def _check_composition(elements: Mapping[str, float], base: str) -> None:
    total = sum(elements.values())
    if not elements or base in elements or any(not 0.0 < share < 1.0 for share in elements.values()) or total >= 0.9:
        raise MaterialError(
            text(
                "the composition does not make sense: {shares}",
                shares=", ".join(f"{n} {s:g}" for n, s in elements.items()),
            ),
            where="calphad",
            repair=text("give mass shares of the elements other than {base}: 0.07 is 7 %", base=base),
        )


def _content(database: Path) -> bytes:
    try:
        return database.read_bytes()
    except OSError as error:
        raise MaterialError(
            text("the database cannot be read: {reason}", reason=error.strerror or str(error)),
            where=str(database),
            repair=text("give the path of a TDB file"),
        ) from error


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def _library() -> ModuleType:
    """Return what is used of pycalphad and scheil; they are large and optional, so they are loaded here."""
    try:
        pycalphad = import_module("pycalphad")
        records = import_module("pycalphad.codegen.phase_record_factory")
        parts = import_module("pycalphad.core.utils")
        scheil = import_module("scheil")
    except ImportError as error:
        raise MaterialError(
            text("freezing from composition needs pycalphad and scheil, which are not installed"),
            where="calphad",
            repair=text('run: python -m pip install "forgecast[calphad]"'),
        ) from error
    library = ModuleType("calphad")
    library.__dict__.update(
        Database=pycalphad.Database,
        PhaseRecordFactory=records.PhaseRecordFactory,
        equilibrium=pycalphad.equilibrium,
        instantiate_models=parts.instantiate_models,
        scheil=scheil.simulate_scheil_solidification,
        variables=pycalphad.variables,
    )
    return library


def _database(library: ModuleType, path: Path) -> Any:  # noqa: ANN401
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return library.Database(str(path))
    except Exception as error:  # its parser raises whatever its grammar meets
        raise MaterialError(
            text("the database is no TDB file that can be read: {reason}", reason=str(error).splitlines()[0][:200]),
            where=str(path),
            repair=text("give a thermodynamic database in TDB form"),
        ) from error


def _phases(db: Any, path: Path, base: str, elements: Mapping[str, float], asked: Sequence[str]) -> list[str]:  # noqa: ANN401
    """Return the phases to allow, after checking that the database knows them and the elements."""
    missing = [name for name in (base, *elements) if name not in db.refstates]
    unknown = [name for name in asked if name not in db.phases]
    if missing or unknown:
        raise MaterialError(
            text("the database does not know {names}", names=", ".join((*missing, *unknown))),
            where=str(path),
            repair=text("phases it knows begin: {phases}", phases=", ".join(sorted(db.phases)[:40])),
        )
    possible = [names for kind, names in PHASES.items() if _NEEDED.get(kind, base) in (base, *elements)]
    chosen = list(asked) or [name for names in possible for name in [n for n in names if n in db.phases][:1]]
    if not set(chosen) & set(PHASES["liquid"]) or len(chosen) < 2:
        raise MaterialError(
            text("there is no liquid, or no solid, among the phases: {phases}", phases=", ".join(chosen) or "—"),
            where=str(path),
            repair=text("name the phases, the liquid (LIQUID) among them"),
        )
    return chosen


def _kept(path: Path) -> Freezing | None:
    """Return a result kept on disk; one that cannot be read is computed anew."""
    try:
        got = json.loads(path.read_text(encoding="utf-8"))
        return Freezing(
            temperature=tuple(map(float, got["temperature"])),
            solid_fraction=tuple(map(float, got["solid_fraction"])),
            latent_heat=float(got["latent_heat"]),
            model=got["model"],
            phases=tuple(got["phases"]),
            database=got["database"],
            composition=tuple((str(n), float(s)) for n, s in got["composition"]),
            base=got["base"],
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _keep(path: Path, result: Freezing) -> None:
    """Keep a result: written aside, then given its name, so that nobody reads half of it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, suffix=".part", delete=False) as file:
            json.dump(asdict(result), file)
        Path(file.name).replace(path)
    except OSError:
        # A folder that cannot be written costs time at the next call, not the answer of this one.
        return
