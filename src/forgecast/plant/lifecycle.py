"""Life cycles of lots, heats, ladles, moulds, pieces, heat-treatment lots and nonconformities.

Which decision leads from which state to which, and what it needs, stands in `lifecycle.csv`. A state is never stored:
it follows from a subject's own row, the decisions on it in order of time, and its shipments.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources

from forgecast.ground.dates import DAY_US
from forgecast.ground.texts import Text, bilingual, text
from forgecast.plant.record import record
from forgecast.plant.rows import Value

#: Subjects of decisions, and the fields of their records that say from when on they can be decided on (the first that
#: is known counts).
BEGINS: Mapping[str, tuple[str, ...]] = {
    "lot": ("received_at",),
    "heat": ("started_at", "tapped_at"),
    "ladle": ("filled_at",),
    "mould": ("made_at", "poured_at"),
    "piece": ("made_at",),
    "heat_treatment": ("started_at",),
    "nonconformity": ("raised_at",),
}
#: A heat is decided on in the furnace, before it is tapped; where its start is not known, it is taken to be no longer.
LONGEST_HEAT_US = DAY_US
#: States of a material that must not go on.
HELD = frozenset({"rejected", "blocked", "rework", "scrapped", "remelted", "returned", "recalled"})
#: States in which somebody has answered for a material.
ANSWERED = frozenset({"released", "conceded"})


@dataclass(frozen=True, slots=True)
class Move:
    """A decision that a state allows: where it leads and what it needs."""

    decision: str
    to: str
    needs: str


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision on a subject, or a shipment of `count` pieces (`decision` is ``ship`` then)."""

    at: int
    decision: str
    by: str = ""
    count: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """A decision in the life of a subject, and what it did.

    Parameters
    ----------
    decision : Decision
    before, after : str
        States.
    refusal : tuple of Text
        Why it was impossible; then it changed nothing.
    """

    decision: Decision
    before: str
    after: str
    refusal: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """What a life follows from.

    Parameters
    ----------
    kind, id : str
    row : mapping of field name to Value
        Its own row.
    pieces : int
        How many pieces it stands for; only pieces can be shipped.
    actions : tuple of mapping
        Rows of the record `action` that answer a nonconformity.
    """

    kind: str
    id: str
    row: Mapping[str, Value]
    pieces: int = 1
    actions: tuple[Mapping[str, Value], ...] = ()

    @property
    def title(self) -> Text:
        """Its kind and number, in both languages."""
        return text("{kind} {id}", kind=subject_title(self.kind), id=self.id)

    @property
    def begins(self) -> int | None:
        """From when on it can be decided on, microseconds UTC; None where not known."""
        for name in BEGINS[self.kind]:
            at = self.row.get(name)
            if isinstance(at, int):
                return at - LONGEST_HEAT_US if name == "tapped_at" else at
        return None


@dataclass(frozen=True, slots=True)
class Life:
    """The states of a subject.

    Parameters
    ----------
    subject : Subject
    start : str
        State before any decision.
    steps : tuple of Step
        In order of time.
    """

    subject: Subject
    start: str
    steps: tuple[Step, ...]

    def at(self, instant: int | None = None) -> str:
        """Return the state at an instant (decisions of that instant included), or the last one."""
        taken = [step for step in self.steps if instant is None or step.decision.at <= instant]
        return taken[-1].after if taken else self.start

    def since(self, instant: int | None = None) -> int | None:
        """Return when the state at an instant began; None where the subject began with it."""
        taken = [s for s in self.steps if (instant is None or s.decision.at <= instant) and s.before != s.after]
        return taken[-1].decision.at if taken else None

    def conceded(self, instant: int | None = None) -> int | None:
        """Return when it was released by concession, if that is how it stands at an instant."""
        steps = [s for s in self.steps if (instant is None or s.decision.at <= instant) and not s.refusal]
        steps = [s for s in steps if s.decision.decision != "ship"]
        if not steps or steps[-1].decision.decision != "concession":
            return None
        return steps[-1].decision.at

    def shipped(self, instant: int | None = None) -> int:
        """Return how many pieces have been shipped and have not come back."""
        count = 0
        for step in self.steps:
            if instant is not None and step.decision.at > instant:
                break
            if step.decision.decision == "ship":
                count += step.decision.count
            elif step.after == "returned":
                count = 0
        return count


@lru_cache(maxsize=1)
def moves() -> dict[tuple[str, str], dict[str, Move]]:
    """Return the moves by subject and state, then by decision."""
    found: dict[tuple[str, str], dict[str, Move]] = {}
    for row in _lines("lifecycle"):
        for subject in row["subjects"].split("|"):
            allowed = found.setdefault((subject, row["state"]), {})
            allowed[row["decision"]] = Move(row["decision"], row["to"], row["needs"])
    return found


@lru_cache(maxsize=1)
def states() -> dict[str, Text]:
    """Return the words for the states."""
    return {row["state"]: bilingual(row["en"], row["zh"]) for row in _lines("lifecycle_state")}


def _lines(name: str) -> list[dict[str, str]]:
    place = resources.files("forgecast") / "plant" / f"{name}.csv"
    return list(csv.DictReader(io.StringIO(place.read_text(encoding="utf-8"))))


def decision_title(decision: str) -> Text:
    """Return the words for a decision."""
    if decision == "ship":
        return text("ship")
    return _choice("decision", decision)


def subject_title(kind: str) -> Text:
    """Return the words for a kind of subject."""
    return _choice("subject", kind)


def _choice(name: str, code: str) -> Text:
    choices = {c.code: c.zh for c in record("disposition").field(name).choices}
    return bilingual(code.replace("_", " "), choices.get(code, code))


def start_of(subject: Subject) -> str:
    """Return the state of a subject nobody has decided on."""
    if subject.kind == "nonconformity":
        return "open"
    result = subject.row.get("result")
    if subject.kind == "piece" and result in {"reject", "rework"}:
        return "rejected" if result == "reject" else "rework"
    return "recorded"


def live(subject: Subject, decisions: Sequence[Decision]) -> Life:
    """Return the life of a subject.

    An impossible decision changes nothing; its step says why. (It can only be there if the past was corrected after
    it, or if it was recorded by something that does not know the rules.)

    Parameters
    ----------
    subject : Subject
    decisions : sequence of Decision
        In any order; of one instant, decisions come before shipments.
    """
    state = start = start_of(subject)
    steps: list[Step] = []
    for decision in sorted(decisions, key=lambda one: (one.at, one.decision == "ship")):
        so_far = Life(subject, start, tuple(steps))
        if decision.decision == "ship":
            full = so_far.shipped() + decision.count >= subject.pieces
            refusal: tuple[Text, ...] = ()
            after = "shipped" if full and state not in HELD else state
        else:
            refusal = refused(so_far, decision)
            after = state if refusal else moves()[subject.kind, state][decision.decision].to
        steps.append(Step(decision, state, after, refusal))
        state = after
    return Life(subject, start, tuple(steps))


def refused(life: Life, decision: Decision) -> tuple[Text, ...]:
    """Return why a decision on a subject is impossible at its instant; nothing where it is possible."""
    subject, state = life.subject, life.at(decision.at)
    begins = subject.begins
    if begins is not None and decision.at < begins:
        return (text("{subject} did not exist yet when it was decided on", subject=subject.title),)
    move = moves().get((subject.kind, state), {}).get(decision.decision)
    if move is None:
        return (
            text(
                "{subject} is {state}: it cannot be decided to {decision}",
                subject=subject.title,
                state=states()[state],
                decision=decision_title(decision.decision),
            ),
        )
    lacking = missing(life, move, decision.at)
    return () if lacking is None else (lacking,)


def missing(life: Life, move: Move, at: int) -> Text | None:
    """Return what a move needs and does not have at an instant, None where it has all."""
    if not move.needs:
        return None
    row, actions, title = life.subject.row, life.subject.actions, life.subject.title
    ended = row.get("ended_at")
    proven = (a for a in actions if a.get("effective") is True and _by(a.get("effect_checked_at"), at))
    needed = {
        "ended": (not isinstance(ended, int) or ended <= at, text("{subject} was still in the furnace", subject=title)),
        "shipped": (life.shipped(at) > 0, text("nothing of {subject} has been shipped", subject=title)),
        "minor": (
            row.get("severity") == "minor",
            text(
                "{subject} is not marked as minor: it is closed after analysis, action and a proven effect",
                subject=title,
            ),
        ),
        "cause": (bool(row.get("cause")), text("{subject} names no cause yet", subject=title)),
        "action_done": (
            any(_by(action.get("done_at"), at) for action in actions),
            text("no action that answers {subject} was done", subject=title),
        ),
        "effect_proven": (
            any(True for _ in proven),
            text("no action that answers {subject} was found effective", subject=title),
        ),
    }
    there, lacking = needed[move.needs]
    return None if there else lacking


def _by(value: Value, at: int) -> bool:
    return isinstance(value, int) and value <= at


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What stands against shipping a piece: why, and which record or decision would settle it."""

    reason: Text
    repair: Text


@dataclass(frozen=True, slots=True)
class Parentage:
    """What a piece was made of and went through, as far as decisions on it bind the piece.

    Parameters
    ----------
    heats, lots : tuple of str
        Numbers; a heat without a row is in `heats` too.
    others : tuple of (str, str)
        Kind and number of ladles, moulds and heat-treatment lots.
    """

    heats: tuple[str, ...] = ()
    lots: tuple[str, ...] = ()
    others: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Shipping:
    """A piece (or some of a batch) that is to leave.

    Parameters
    ----------
    piece : Life
        With the shipments that are recorded already, this one not among them.
    at : int
        When it leaves, microseconds UTC.
    count : int
        How many; 0 where nothing is left for it, or for another shipment that takes the rest.
    held : int
        How many the batch has at that time, shipped ones included.
    parentage : Parentage
    lives : mapping of (str, str) to Life
        Of its parents, by kind and number; a parent without a row is absent.
    nonconformities : tuple of Life
        About the piece or its parents.
    """

    piece: Life
    at: int
    count: int
    held: int
    parentage: Parentage
    lives: Mapping[tuple[str, str], Life]
    nonconformities: tuple[Life, ...] = field(default=())


def obstacles(shipping: Shipping) -> tuple[Obstacle, ...]:
    """Return what stands against a shipment; nothing where the piece may go.

    A piece may go when a heat (or, forged, the lot of its bar) is known for it and released, when neither it nor
    anything it came from is held, no nonconformity about it is open, and the batch has as many pieces. A concession
    for the piece itself covers what was known when it was given.
    """
    return (*_of_piece(shipping), *_of_origin(shipping), *_of_nonconformities(shipping))


def _of_piece(shipping: Shipping) -> list[Obstacle]:
    piece, at, found = shipping.piece, shipping.at, []
    title, state = piece.subject.title, piece.at(at)
    begins = piece.subject.begins
    if begins is not None and at < begins:
        reason = text("{subject} was shipped before it was made", subject=title)
        found.append(Obstacle(reason, text("correct the time of the shipment or of the piece")))
    if state in HELD:
        found.append(
            Obstacle(
                text("{subject} is {state}", subject=title, state=states()[state]),
                text("record the decision to release it, if there is one"),
            )
        )
    repair = text("correct the counts, or record what came back or into the batch")
    if shipping.count < 1:
        reason = text(
            "{subject} has {held} pieces; then none would be left for one of the shipments that name it",
            subject=title,
            held=shipping.held,
        )
        found.append(Obstacle(reason, repair))
    elif piece.shipped() + shipping.count > shipping.held:
        reason = text(
            "{subject} has {held} pieces, of which {shipped} are shipped already; {count} more cannot be",
            subject=title,
            held=shipping.held,
            shipped=piece.shipped(),
            count=shipping.count,
        )
        found.append(Obstacle(reason, repair))
    return found


def _of_origin(shipping: Shipping) -> list[Obstacle]:
    piece, at, parents = shipping.piece, shipping.at, shipping.parentage
    conceded, found = piece.conceded(at), []
    answerable = [("heat", one) for one in parents.heats] or [("lot", one) for one in parents.lots]
    if not answerable and conceded is None:
        found.append(
            Obstacle(
                text("the heat of {subject} is not known, so none is released for it", subject=piece.subject.title),
                text("record its heat, ladle or mould, or a concession for it"),
            )
        )
    for kind, number in answerable:
        life = shipping.lives.get((kind, number))
        if life is None:
            if conceded is None:
                found.append(_unknown(kind, number))
        elif life.at(at) not in ANSWERED | HELD and conceded is None:
            found.append(_unreleased(life, at))
    bound = [*answerable, *parents.others, *(("lot", one) for one in parents.lots if ("lot", one) not in answerable)]
    for one in bound:
        life = shipping.lives.get(one)
        if life is not None and life.at(at) in HELD and not _covered(conceded, life.since(at)):
            reason = text("{subject} is {state}", subject=life.subject.title, state=states()[life.at(at)])
            repair = text("record the decision to release it, or a concession for the piece")
            found.append(Obstacle(reason, repair))
    return found


def _unknown(kind: str, number: str) -> Obstacle:
    return Obstacle(
        text("the record {record} has no row for {id}", record=subject_title(kind), id=number),
        text("import its row and the decision to release it"),
    )


def _unreleased(life: Life, at: int) -> Obstacle:
    later = next((s.decision.at for s in life.steps if s.decision.at > at and s.after in ANSWERED), None)
    reason = text("{subject} is not released", subject=life.subject.title)
    if later is not None:
        reason = text("{subject} was released only after the piece left", subject=life.subject.title)
    return Obstacle(
        reason,
        text(
            "record the decision: a row of `disposition` with subject {subject}, its number, release, who and when",
            subject=life.subject.kind,
        ),
    )


def _of_nonconformities(shipping: Shipping) -> list[Obstacle]:
    conceded, found = shipping.piece.conceded(shipping.at), []
    for life in shipping.nonconformities:
        raised = life.subject.begins
        if raised is not None and raised > shipping.at:
            continue
        if life.at(shipping.at) != "closed" and not _covered(conceded, raised):
            found.append(
                Obstacle(
                    text("{subject} about it is not closed", subject=life.subject.title),
                    text("close it, split the good pieces off into a batch, or record a concession for the piece"),
                )
            )
    return found


def _covered(conceded: int | None, since: int | None) -> bool:
    """Whether a concession was given when this was known already."""
    return conceded is not None and (since is None or since <= conceded)
