"""What a picture of a trace shows: subjects and links, like ones drawn together where there are many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from forgecast.plant.lineage import Relation
from forgecast.plant.trace import Kin, Link

#: A picture of so many boxes is read box by box; one of more groups like subjects.
READABLE: Final = 40
#: What is less likely than this is not drawn.
UNLIKELY: Final = 0.005
#: Boxes beyond so many are counted, not drawn.
MOST_BOXES: Final = 200


@dataclass(frozen=True, slots=True)
class Box:
    """One box of a picture: a subject, or several like ones.

    Parameters
    ----------
    kind : str
    names : tuple of str
        Numbers of the subjects in it.
    pieces : int
        Pieces in it, for batches, pieces and shipments.
    low, high : float
        Least and greatest of the best-estimate probabilities of those in it [1].
    time : int or None
        Earliest, microseconds UTC.
    subject : bool
        Whether it is what was asked for.
    """

    kind: str
    names: tuple[str, ...]
    pieces: int
    low: float
    high: float
    time: int | None
    subject: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a picture.

    Parameters
    ----------
    parent, child : int
        Numbers of the boxes.
    relation : Relation
    share : float or None
        Greatest share of the links in it; None where not on record.
    low, high : float
        Least and greatest probability of the links in it.
    count : int or None
        Pieces that moved.
    recorded : bool
        Whether all of them are on record.
    """

    parent: int
    child: int
    relation: Relation
    share: float | None
    low: float
    high: float
    count: int | None
    recorded: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """Boxes and lines of a picture, and how many subjects it leaves out."""

    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    left_out: int


def drawing(subject: tuple[str, str], pieces: int, kin: Sequence[Kin], links: Sequence[Link]) -> Drawing:
    """Return what a picture of a trace shows.

    Few subjects are drawn one by one. Of many, those with the very same relatives are drawn together; and where that is
    not enough, those with like relatives: fifty moulds of one ladle, each with four pieces, make one box of moulds and
    one of pieces. The subject stands alone.

    Parameters
    ----------
    subject : (str, str)
        Kind and number.
    pieces : int
        Pieces in it; 0 for other kinds.
    kin : sequence of Kin
    links : sequence of Link
    """
    known = {(one.kind, one.name): one for one in kin if one.high >= UNLIKELY}
    every = [subject, *(who for who in known if who != subject)]
    kept = set(every)
    inner = [
        one
        for one in links
        if one.parent in kept and one.child in kept and (one.recorded or one.probability >= UNLIKELY)
    ]
    classes = {who: number for number, who in enumerate(every)}
    if len(every) > READABLE:
        classes = _same_relatives(every, inner, subject)
    if len(set(classes.values())) > READABLE:
        classes = _like_relatives(every, inner, subject)
    return _drawn(subject, pieces, known, every, inner, classes)


def _trait(one: Link) -> tuple[object, ...]:
    return one.relation, one.recorded, round(one.probability, 2), None if one.share is None else round(one.share, 2)


def _same_relatives(
    every: Sequence[tuple[str, str]], links: Sequence[Link], subject: tuple[str, str]
) -> dict[tuple[str, str], int]:
    around: dict[tuple[str, str], set[object]] = {who: set() for who in every}
    for one in links:
        around[one.child].add(("from", one.parent, *_trait(one)))
        around[one.parent].add(("to", one.child, *_trait(one)))
    return _numbered(every, {who: (who[0], frozenset(around[who]), who == subject) for who in every})


def _like_relatives(
    every: Sequence[tuple[str, str]], links: Sequence[Link], subject: tuple[str, str]
) -> dict[tuple[str, str], int]:
    """Return the coarsest classes whose members have relatives of the same classes in the same ways."""
    classes = _numbered(every, {who: (who[0], who == subject) for who in every})
    while True:
        around: dict[tuple[str, str], set[object]] = {who: set() for who in every}
        for one in links:
            certain = one.recorded, one.probability > 0.995
            around[one.child].add(("from", classes[one.parent], one.relation, certain))
            around[one.parent].add(("to", classes[one.child], one.relation, certain))
        finer = _numbered(every, {who: (classes[who], frozenset(around[who])) for who in every})
        if len(set(finer.values())) == len(set(classes.values())):
            return classes
        classes = finer


def _numbered(every: Sequence[tuple[str, str]], traits: Mapping[tuple[str, str], object]) -> dict[tuple[str, str], int]:
    numbers: dict[object, int] = {}
    return {who: numbers.setdefault(traits[who], len(numbers)) for who in every}


def _drawn(
    subject: tuple[str, str],
    pieces: int,
    known: Mapping[tuple[str, str], Kin],
    every: Sequence[tuple[str, str]],
    links: Sequence[Link],
    classes: Mapping[tuple[str, str], int],
) -> Drawing:
    members: dict[int, list[tuple[str, str]]] = {}
    for who in every:
        members.setdefault(classes[who], []).append(who)
    ranked = sorted(
        members.values(),
        key=lambda some: (subject not in some, -max(_chance(known, who) for who in some), every.index(some[0])),
    )
    shown = ranked[:MOST_BOXES]
    place = {who: number for number, some in enumerate(shown) for who in some}
    boxes = tuple(
        Box(
            kind=some[0][0],
            names=tuple(name for _, name in some),
            pieces=sum(pieces if who == subject else known[who].pieces for who in some),
            low=min(_chance(known, who) for who in some),
            high=max(_chance(known, who) for who in some),
            time=min((t for who in some if who in known and (t := known[who].time) is not None), default=None),
            subject=subject in some,
        )
        for some in shown
    )
    together: dict[tuple[int, int, Relation], list[Link]] = {}
    for one in links:
        if one.parent in place and one.child in place:
            together.setdefault((place[one.parent], place[one.child], one.relation), []).append(one)
    lines = tuple(_line(*key, some) for key, some in together.items() if key[0] != key[1])
    return Drawing(boxes, lines, sum(len(some) for some in ranked[MOST_BOXES:]))


def _chance(known: Mapping[tuple[str, str], Kin], who: tuple[str, str]) -> float:
    return known[who].probability if who in known else 1.0


def _line(parent: int, child: int, relation: Relation, some: Sequence[Link]) -> Line:
    shares = [one.share for one in some]
    counts = [one.count for one in some if one.count is not None]
    return Line(
        parent=parent,
        child=child,
        relation=relation,
        share=None if None in shares else max(share for share in shares if share is not None),
        low=min(one.probability for one in some),
        high=max(one.probability for one in some),
        count=sum(counts) if counts else None,
        recorded=all(one.recorded for one in some),
    )
