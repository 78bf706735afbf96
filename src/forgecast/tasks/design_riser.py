"""Design the risers of a casting: sized by rule, frozen, judged and changed until the casting is sound.

The rules size a riser, the field says whether it feeds. What the field finds wrong goes back into the next round: a
riser that freezes too soon or is drained too deep grows, a neck that closes too soon widens, a pool that no riser
reaches gets one of its own. When the casting is sound, the risers shrink by bisection as far as it stays so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from forgecast.casting.economics import Economics, Poured, Prices, economics
from forgecast.casting.soundness import Limits
from forgecast.ground.citation import Source
from forgecast.ground.texts import Text
from forgecast.shape.measure import measure
from forgecast.shape.solid import Solid
from forgecast.tasks.freeze_part import Fineness, FrozenPart
from forgecast.tasks.mould_layout import Body, Pour
from forgecast.tasks.riser_loop import RiserLoop
from forgecast.tasks.riser_round import Bounds, Feeder, RiserChoice, Round

#: At which masses are stated [K].
ROOM = 293.15


@dataclass(frozen=True, slots=True)
class RiserDesign:
    """The risers of a casting and the argument for them.

    Show: `sound`, or `why_not`; a line for each round (its change, why, what was found, its yield); each riser of
    `feeders` with place, diameter, height, neck and the rule that sized it first; yield, mass and economics; `notes`
    and `sources`. `bare` and `frozen` are the fields before and after.

    Parameters
    ----------
    casting : Solid
    rounds : tuple of Round
    chosen : int
        Number of the round that is the answer: the smallest sound one, else the last.
    sound : bool
    why_not : Text or None
        Why the loop ended without a sound casting.
    bare, frozen : FrozenPart
        The casting without risers, and as designed.
    casting_mass, riser_mass : float
        At room temperature [kg].
    economics : Economics
    notes : tuple of Text
    sources : tuple of Source
    """

    casting: Solid
    rounds: tuple[Round, ...]
    chosen: int
    sound: bool
    why_not: Text | None
    bare: FrozenPart
    frozen: FrozenPart
    casting_mass: float
    riser_mass: float
    economics: Economics
    notes: tuple[Text, ...]
    sources: tuple[Source, ...]

    @property
    def feeders(self) -> tuple[Feeder, ...]:
        """Return the risers of the answer."""
        return self.rounds[self.chosen].feeders

    @property
    def bodies(self) -> tuple[Body, ...]:
        """Return all that stands beside the casting in the answer."""
        return self.rounds[self.chosen].bodies

    @property
    def casting_yield(self) -> float:
        """Return casting over casting and risers, gating left out [1]."""
        return self.rounds[self.chosen].casting_yield

    def as_json(self) -> dict[str, object]:
        """Return the design with units in the names."""
        return {
            "sound": self.sound,
            "why_not": None if self.why_not is None else self.why_not.as_json(),
            "chosen_round": self.chosen,
            "casting_yield": self.casting_yield,
            "casting_mass_kg": self.casting_mass,
            "riser_mass_kg": self.riser_mass,
            "risers": [feeder.as_json() for feeder in self.feeders],
            "economics": self.economics.as_json(),
            "rounds": [one.as_json() for one in self.rounds],
            "notes": [note.as_json() for note in self.notes],
            "sources": [source.as_json() for source in self.sources],
        }


def design_riser(
    casting: Solid,
    pour: Pour,
    fineness: Fineness,
    limits: Limits | None = None,
    *,
    choice: RiserChoice | None = None,
    bounds: Bounds | None = None,
    others: Sequence[Body] = (),
    prices: Prices | None = None,
    gating_mass: float | None = None,
    tell: Callable[[Round], None] | None = None,
    progress: Callable[[float], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> RiserDesign:
    """Design the risers that make a casting sound, or say why none do.

    Parameters
    ----------
    casting : Solid
        As it lies in the mould, z up.
    pour : Pour
    fineness : Fineness
        The error estimate is left out while the loop runs.
    limits : Limits or None
        What the casting has to keep to. Only what is given is judged; without a limit of cavities none larger than
        half a cell may be in the casting, and no pool may be cut off in it.
    choice : RiserChoice or None
        Which risers are wanted; None takes open cylinders without sleeve, by the largest rule.
    bounds : Bounds or None
    others : sequence of Body
        Chills, cores and other metal that stand already.
    prices : Prices or None
    gating_mass : float or None
        Sprue, runners and gates [kg]; without it the economics are not known.
    tell : callable or None
        Given each round when it is done.
    progress : callable or None
        Told the share of the rounds allowed that is done; the loop mostly ends sooner.
    stop : callable or None
        When it says so, the design so far is returned.

    Raises
    ------
    ForgecastError
        If an input is wrong or no rule is on record; before any time is spent.
    """
    loop = RiserLoop(
        casting, pour, fineness, limits, choice or RiserChoice(), bounds or Bounds(), tuple(others),
        tell=tell, progress=progress, stop=stop,
    )  # fmt: skip
    why_not = loop.search()
    if why_not is None:
        loop.shrink()
        why_not = loop.confirm()
    chosen = loop.best if loop.best is not None else len(loop.rounds) - 1
    assert loop.bare is not None and loop.frozen is not None  # noqa: S101, PT018  (search has run)
    final = loop.rounds[chosen]
    density = float(pour.alloy.density.at(ROOM))
    metal = sum(measure(body.solid).volume for body in final.bodies if body.kind == "riser")
    mass = density * measure(casting).volume
    return RiserDesign(
        casting=casting,
        rounds=tuple(loop.rounds),
        chosen=chosen,
        sound=final.sound,
        why_not=None if final.sound else why_not,
        bare=loop.bare,
        frozen=loop.frozen,
        casting_mass=mass,
        riser_mass=density * metal,
        economics=economics(Poured(mass, density * metal, gating_mass), prices or Prices()),
        notes=tuple(
            dict.fromkeys([*loop.notes, *loop.drained(final), *(n for f in final.feeders for n in f.proposal.notes)])
        ),
        sources=tuple(dict.fromkeys([*(s for f in final.feeders for s in f.proposal.sources), *loop.frozen.sources])),
    )
