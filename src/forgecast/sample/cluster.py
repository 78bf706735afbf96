"""A cluster of light plants: only what an assessment needs, varied from the made-up plant by a law that is stated.

The law. Each plant has a class (shares `CLASSES`), an output (log-normal, median 6000 t a year, factor 2.2 for one
standard deviation) and an ability between 0 and 1 (Beta(2, 2)), which stands for how well it is run. The ability ``a``
moves everything else:

* a measure of the emission standard is in place with probability 0.45 + 0.5 a, else not; one in twelve is not recorded;
* the particulate of a stack test is log-normal about 30 (1.15 - 0.9 a) mg/m3, SO2 and NOx about 0.75 (1.15 - 0.6 a) of
  a common limit; one stack in eight was not tested;
* a machine of a key process is numerically controlled with probability 0.25 + 0.6 a; an aluminium-shell furnace stays
  with probability 0.3 (1 - a);
* figures of the year, scrap, yield and energy per tonne follow straight lines in ``a`` with a scatter of their own, and
  one in six is not recorded;
* a question of evidence is shown to the degree a + scatter, and one in five is not recorded.

Everything is synthetic. Plant `number` of `seed` is the same whoever makes it and in whatever order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from forgecast.sample.table import Cell, master_table

#: Plants of the cluster of Botou as the articles count them.
BOTOU = 568
#: Class of a plant: share of the cluster (ours), its sector, its metal.
CLASSES: Mapping[str, tuple[float, str, str]] = {
    "iron_casting": (0.66, "C3391", "ferrous"),
    "steel_casting": (0.10, "C3391", "ferrous"),
    "aluminium_casting": (0.10, "C3392", "non_ferrous"),
    "forging": (0.14, "C3393", "ferrous"),
}
#: Energy per tonne of good product of an average plant of the class, kgce/t (ours).
ENERGY: Mapping[str, float] = {
    "iron_casting": 250.0, "steel_casting": 380.0, "aluminium_casting": 420.0, "forging": 300.0,
}  # fmt: skip
#: Lines of the made-up plant that a class has.
LINES: Mapping[str, frozenset[str]] = {
    "iron_casting": frozenset({"CL", "IL", "CORE", "FIN", "AUX"}),
    "steel_casting": frozenset({"IL", "CORE", "FIN", "AUX"}),
    "aluminium_casting": frozenset({"IL", "CORE", "FIN", "AUX"}),
    "forging": frozenset({"FG", "MACH", "AUX"}),
}
#: Figures that follow the ability: value of a plant of ability 0 and 1, and the scatter.
FIGURES: Mapping[str, tuple[float, float, float]] = {
    "rd_intensity": (0.3, 5.0, 0.8),
    "class_one_rights": (0.0, 5.0, 1.2),
    "digital_rd_share": (45.0, 95.0, 6.0),
    "yield_casting": (52.0, 72.0, 3.0),
    "yield_forging": (72.0, 89.0, 2.0),
    "scrap_casting": (12.0, 2.0, 1.2),
    "scrap_forging": (4.5, 0.6, 0.5),
    "pm_emission_change": (5.0, -45.0, 9.0),
    "forging_energy_change": (1.0, -8.0, 2.0),
    "water_per_value_added_change": (2.0, -18.0, 5.0),
    "solid_waste_use_share": (25.0, 92.0, 9.0),
    "market_share": (0.2, 8.0, 1.5),
}
NEVER_BELOW_ZERO = frozenset(FIGURES) - {"pm_emission_change", "forging_energy_change", "water_per_value_added_change"}
OF_FORGING = frozenset({"yield_forging", "scrap_forging", "forging_energy_change"})
OF_CASTING = frozenset({"yield_casting", "scrap_casting", "pm_emission_change"})
#: Common stack limit each pollutant scatters below and above [mg/m3] (of the law above; no verdict rests on it).
COMMON: Mapping[str, float] = {"pm": 30.0, "so2": 150.0, "nox": 300.0}

Record = dict[str, Cell]


@dataclass(frozen=True, slots=True)
class LightPlant:
    """A synthetic plant with the facts of an assessment and nothing else.

    Parameters
    ----------
    id, product_class : str
    output_t, energy_tce : float
        Good product and energy of the year.
    site : dict
    rows : mapping of str to tuple of dict
        Rows of the records ``stack``, ``equipment``, ``process`` and ``measure``.
    tests : tuple of (str, str, float)
        Stack, pollutant, concentration in mg/m3.
    figures : mapping of str to float
        Figures of the year; what is not recorded is not in it.
    evidence : mapping of str to float or None
    """

    id: str
    product_class: str
    output_t: float
    energy_tce: float
    site: Record
    rows: Mapping[str, tuple[Record, ...]]
    tests: tuple[tuple[str, str, float], ...]
    figures: Mapping[str, float]
    evidence: Mapping[str, float | None]


def light_plants(
    questions: tuple[str, ...], *, seed: int = 7, first: int = 0, count: int = BOTOU
) -> Iterator[LightPlant]:
    """Make plants one by one; none is kept.

    Parameters
    ----------
    questions : tuple of str
        Ids of the questions of evidence.
    seed, first, count : int
    """
    for number in range(first, first + count):
        yield light_plant(number, questions, seed=seed)


def light_plant(number: int, questions: tuple[str, ...], *, seed: int = 7) -> LightPlant:
    """Make plant `number` of the cluster of `seed`."""
    chance = np.random.default_rng((seed, number))
    name = str(chance.choice(list(CLASSES), p=[share for share, _, _ in CLASSES.values()]))
    _, sector, metal = CLASSES[name]
    ability = float(chance.beta(2.0, 2.0))
    output = float(6000.0 * np.exp(np.log(2.2) * chance.standard_normal()))
    site: Record = dict(_master("site")[0])
    site |= {"id": f"P{number:04d}", "name": f"P{number:04d} (synthetic)", "sector": sector}
    site |= {"key_region": bool(chance.random() < 0.5), "annex_a_applies": bool(chance.random() < 0.5)}
    machines = _machines(name, ability, chance)
    stacks = _stacks(name, metal, {row["id"] for row in machines}, chance)
    figures = _figures(name, ability, output, machines, chance)
    return LightPlant(
        f"P{number:04d}",
        name,
        output,
        output * ENERGY[name] * float(np.exp(0.45 * (0.5 - ability) + 0.12 * chance.standard_normal())) / 1000.0,
        site,
        {
            "equipment": machines,
            "stack": stacks,
            "process": _processes(name, ability, chance),
            "measure": _measures(ability, chance),
        },
        _tests(stacks, ability, chance),
        figures,
        _evidence(questions, ability, chance),
    )


@lru_cache(maxsize=8)
def _master(record: str) -> tuple[Record, ...]:
    table = master_table(record)
    return tuple({name: cells[n] for name, cells in table.columns.items()} for n in range(len(table)))


def _machines(name: str, ability: float, chance: np.random.Generator) -> tuple[Record, ...]:
    size = float(np.exp(0.3 * chance.standard_normal()))
    found = []
    for row in _master("equipment"):
        old_shell = row["aluminium_shell"] is True
        leaves = chance.random() > (0.3 * (1.0 - ability) if old_shell else 0.9)
        numerical = bool(chance.random() < 0.25 + 0.6 * ability)
        if row["line"] not in LINES[name] or leaves:
            continue
        changed = dict(row)
        for field in ("capacity", "rated_power_kW", "melting_rate_t_h"):
            value = row[field]
            changed[field] = round(value * size, 2) if isinstance(value, float) else value
        if row["key_process"]:
            changed["numerically_controlled"] = numerical
        found.append(changed)
    return tuple(found)


def _stacks(name: str, metal: str, machines: set[Cell], chance: np.random.Generator) -> tuple[Record, ...]:
    found = []
    for row in _master("stack"):
        if row["equipment"] in machines or (row["equipment"] is None and name != "forging"):
            higher = float(chance.normal(0.0, 2.0))
            tall = row["height"]
            height = max(8.0, round(tall + higher, 1)) if isinstance(tall, float) else None
            found.append({**row, "metal": metal, "monitored": False, "height": height})
    return tuple(found)


def _processes(name: str, ability: float, chance: np.random.Generator) -> tuple[Record, ...]:
    forged = name == "forging"
    return tuple(
        row
        for row in _master("process")
        if (row["kind"] == "closed_die_forging") == forged
        and (row["kind"] != "investment" or chance.random() < 0.3 * (1.0 - ability))
    )


def _measures(ability: float, chance: np.random.Generator) -> tuple[Record, ...]:
    found = []
    for row in _master("measure"):
        kept, recorded = chance.random() < 0.45 + 0.5 * ability, chance.random() > 1.0 / 12.0
        if recorded:
            found.append({**row, "state": "yes" if kept else "no"})
    return tuple(found)


def _tests(
    stacks: tuple[Record, ...], ability: float, chance: np.random.Generator
) -> tuple[tuple[str, str, float], ...]:
    found = []
    for row in stacks:
        if chance.random() < 1.0 / 8.0:
            continue
        gases = ("so2", "nox") if row["process"] in ("melting", "heat_treatment", "forging_heating") else ()
        for pollutant in ("pm", *gases):
            centre = COMMON[pollutant] * (1.15 - 0.9 * ability if pollutant == "pm" else 0.75 * (1.15 - 0.6 * ability))
            found.append((str(row["id"]), pollutant, float(centre * np.exp(0.35 * chance.standard_normal()))))
    return tuple(found)


def _figures(
    name: str, ability: float, output: float, machines: tuple[Record, ...], chance: np.random.Generator
) -> dict[str, float]:
    left_out = OF_CASTING if name == "forging" else OF_FORGING
    found = {"good_forging" if name == "forging" else "good_casting": output}
    for figure, (worst, best, scatter) in FIGURES.items():
        value = worst + (best - worst) * ability + scatter * float(chance.standard_normal())
        recorded = chance.random() > 1.0 / 6.0
        if figure in left_out or not recorded:
            continue
        if figure in NEVER_BELOW_ZERO:
            value = max(value, 0.0)
        found[figure] = min(value, 100.0)
    key = [row["numerically_controlled"] is True for row in machines if row["key_process"]]
    if key:
        found["cnc_share"] = 100.0 * sum(key) / len(key)
    return found


def _evidence(questions: tuple[str, ...], ability: float, chance: np.random.Generator) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    for question in questions:
        degree = float(np.clip(ability + 0.2 * chance.standard_normal(), 0.0, 1.0))
        found[question] = degree if chance.random() > 0.2 else None
    return found
