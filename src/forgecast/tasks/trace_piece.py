"""Trace a piece, a heat, a shot …: all it came from, or all that came of it, each link with its record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from forgecast.ground.finding import Finding
from forgecast.ground.texts import Text, text
from forgecast.plant.lineage import Assumptions, Lineage
from forgecast.plant.trace import (
    LEAST_SHARE,
    MOST_OF_KIND,
    Kin,
    Link,
    ancestor_nodes,
    ancestors,
    descendants,
    links_among,
)
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.facts_on_the_way import Attached, attached_to, further_records, neighbours_of
from forgecast.tasks.lineage_of_plant import lineage_of_plant
from forgecast.tasks.lineage_sources import rows_of, sources_of, subject_of

#: Descendants that are looked up and listed one by one; more are counted.
MOST_LISTED = 2000


@dataclass(frozen=True, slots=True)
class Trace:
    """What a trace found.

    Parameters
    ----------
    kind, name : str
        The subject.
    direction : str
        ``backward`` or ``forward``.
    source : str
        ``file:row`` of the subject; empty where only other rows name it.
    kin : tuple of Kin
        Ancestors or descendants.
    links : tuple of Link
    sources : mapping of (kind, number) to str
        ``file:row`` of each relative that has a row.
    attached : tuple of Attached
        Records on the way.
    neighbours : tuple of (str, str, str)
        For a shot or mould: kind, number and source of those just before and after.
    further : tuple of Text
        Which record would take it further.
    not_listed : int
        Relatives beyond those listed.
    pieces : int
        Pieces in the subject; 0 for other kinds.
    findings : tuple of Finding
    assumptions : tuple of Text
    """

    kind: str
    name: str
    direction: str
    source: str
    kin: tuple[Kin, ...]
    links: tuple[Link, ...]
    sources: Mapping[tuple[str, str], str]
    attached: tuple[Attached, ...]
    neighbours: tuple[tuple[str, str, str], ...]
    further: tuple[Text, ...]
    not_listed: int
    pieces: int
    findings: tuple[Finding, ...]
    assumptions: tuple[Text, ...]

    def as_json(self) -> dict[str, object]:
        """Return the trace as JSON."""
        return {
            "ok": True,
            "subject": {"kind": self.kind, "id": self.name, "pieces": self.pieces, "source": self.source},
            "direction": self.direction,
            "kin": [
                {
                    "kind": one.kind,
                    "id": one.name,
                    "time": one.time,
                    "probability": {"low": one.low, "best": one.probability, "high": one.high},
                    "share": {"low": one.share_low, "best": one.share, "high": one.share_high},
                    "pieces": one.pieces,
                    "source": self.sources.get((one.kind, one.name), ""),
                }
                for one in self.kin
            ],
            "links": [
                {
                    "parent": {"kind": one.parent[0], "id": one.parent[1]},
                    "child": {"kind": one.child[0], "id": one.child[1]},
                    "relation": one.relation.name.lower(),
                    "share": {"low": one.share_low, "best": one.share, "high": one.share_high},
                    "probability": one.probability,
                    "count": one.count,
                    "recorded": one.recorded,
                    "source": one.source,
                }
                for one in self.links
            ],
            "attached": [one.as_json() for one in self.attached],
            "neighbours": [{"kind": kind, "id": name, "source": source} for kind, name, source in self.neighbours],
            "further": [one.as_json() for one in self.further],
            "not_listed": self.not_listed,
            "findings": [one.as_json() for one in self.findings],
            "assumptions": [one.as_json() for one in self.assumptions],
        }


def trace(
    plant: PlantFolder,
    kind: str,
    name: str,
    *,
    forward: bool = False,
    assumptions: Assumptions | None = None,
    least_share: float = LEAST_SHARE,
    through_returns: bool = True,
    lineage: Lineage | None = None,
) -> Trace:
    """Trace a subject of a plant back to what it came from, or forward to what came of it.

    Parameters
    ----------
    plant : PlantFolder
    kind : str
        One of `forgecast.plant.lineage.KINDS`, or ``sample``: then what the sample was taken from is traced.
    name : str
        Its number, as the records write it.
    forward : bool
    assumptions : Assumptions, optional
        What is taken for granted where records are silent.
    least_share : float
        Share from which on a thing is said to hold another.
    through_returns : bool
        Whether metal is followed through returns.
    lineage : Lineage, optional
        The plant's genealogy, where it has been read already.

    Raises
    ------
    ForgecastError
        If there is no such subject.
    """
    kind, name = subject_of(plant, kind, name)
    whole = lineage if lineage is not None else lineage_of_plant(plant, assumptions)
    own = whole.nodes(kind, name)
    if forward:
        nodes, kin = descendants(whole, kind, own, least_share=least_share, through_returns=through_returns)
        rest = max(nodes.size - MOST_LISTED, 0)
        nodes, kin = np.union1d(own, nodes[:MOST_LISTED]), kin[:MOST_LISTED]
    else:
        target = int(own[-1])
        nodes = ancestor_nodes(whole, target, least_share)
        kin = ancestors(whole, target, least_share=least_share, through_returns=through_returns)
        listed = {(one.kind, one.name) for one in kin} | {(kind, name)}
        kinds = Counter(whole.kind(n) for n in nodes)
        rest = sum(max(count - MOST_OF_KIND, 0) for count in kinds.values())
        nodes = np.array([n for n in nodes if (whole.kind(n), whole.name(n)) in listed], dtype=np.int64)
    links = tuple(one for one in links_among(whole, nodes) if one.parent != one.child)
    rows = rows_of(plant, {(one.kind, one.name) for one in kin} | {(kind, name)})
    said = sources_of(plant, links, rows)
    links = tuple(replace(one, source=place) for one, place in zip(links, said, strict=True))
    who = [(kind, name), *((one.kind, one.name) for one in kin)]
    return Trace(
        kind=kind,
        name=name,
        direction="forward" if forward else "backward",
        source=rows[kind, name].place() if (kind, name) in rows else "",
        kin=kin,
        links=links,
        sources={key: row.place() for key, row in rows.items()},
        attached=attached_to(plant, who, rows),
        neighbours=neighbours_of(plant, kind, name),
        further=() if forward else further_records(whole, nodes),
        not_listed=rest,
        pieces=int(whole.total[own[-1]]),
        findings=whole.findings,
        assumptions=(
            *whole.assumptions.told(),
            text("A thing that holds less than {share} % of another is not said to hold it.", share=100 * least_share),
        ),
    )
