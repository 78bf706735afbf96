"""A verdict on a page: its word, why, and the tree that led to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from forgecast.app.pages.parts.figures import table
from forgecast.app.pages.parts.inline import badge, severity_badge
from forgecast.app.pages.parts.markup import Markup, joined, put, tag
from forgecast.app.pages.parts.words import Reader, said
from forgecast.app.report.numbers import pretty_text
from forgecast.app.report.words import VALUE_TEXTS
from forgecast.ground.texts import Text, text

KIND_TEXTS: dict[str, Text] = {
    "clause": text("Clause"),
    "applies": text("Applies"),
    "state": text("State"),
    "limit": text("Limit"),
    "figure": text("Figure"),
    "fact": text("Fact"),
    "row": text("Row"),
    "missing": text("Missing"),
}
#: From here on the tree is folded: rows and facts are many.
_OPEN_LEVELS = 3


def verdict_head(reader: Reader, verdict: Mapping[str, Any]) -> None:
    """Place word, title, clause and reasons of a verdict (as `Verdict.as_json` writes it)."""
    reasons = [tag("li", said(reader, reason)) for reason in verdict.get("reasons", ())]
    lacking = [tag("li", said(reader, missing)) for missing in verdict.get("missing", ())]
    put(
        joined(
            tag("p", badge(reader, str(verdict["word"])), " ", tag("strong", said(reader, verdict["title"]))),
            tag("p", said(reader, verdict.get("clause")), class_="fc-soft"),
            tag("ul", *reasons, class_="fc-list") if reasons else None,
            tag("p", said(reader, text("What would settle it:")), class_="fc-lacking") if lacking else None,
            tag("ul", *lacking, class_="fc-list") if lacking else None,
        ),
        classes="fc-verdict",
    )


def verdict_tree(reader: Reader, tree: Mapping[str, Any]) -> None:
    """Place the tree of a verdict: clause, requirement, figure, facts, rows."""
    put(tag("ul", _node(reader, tree, 0)), classes="fc-tree")


def findings_table(reader: Reader, findings: Sequence[Mapping[str, Any]]) -> None:
    """Place findings (as `Finding.as_json` writes them): how much they matter, where, what was seen, what to do."""
    table(
        reader,
        [text("Severity"), text("Place"), text("Value seen"), text("Why"), text("What to do"), text("Times")],
        [
            (
                severity_badge(reader, str(finding["severity"])),
                place_of(finding["place"]),
                str(finding.get("value") or ""),
                said(reader, finding["reason"]),
                said(reader, finding["repair"]),
                int(finding.get("count", 1)),
            )
            for finding in findings
        ],
        caption=text("Findings"),
        empty=text("No findings: nothing doubtful was seen."),
    )


def place_of(place: Mapping[str, Any]) -> str:
    """Return where a finding sits, as ``file:rows:column``."""
    parts = [str(place["file"])]
    first, last = place.get("row"), place.get("last_row")
    if first is not None:
        parts.append(str(first) if last in {None, first} else f"{first}-{last}")
    if place.get("column"):
        parts.append(str(place["column"]))
    return ":".join(parts)


def _value(reader: Reader, value: str) -> str:
    """Return a value of the tree: words of ours in the reader's language, all else as it is."""
    known = VALUE_TEXTS.get(value)
    return pretty_text(value) if known is None else said(reader, known)


def _node(reader: Reader, node: Mapping[str, Any], level: int) -> Markup:
    kind = str(node["kind"])
    value = str(node.get("value") or "")
    place = str(node.get("place") or "")
    line = joined(
        tag("span", said(reader, KIND_TEXTS.get(kind, kind)), class_="fc-kind"),
        said(reader, node["what"]),
        tag("span", " ", tag("b", _value(reader, value))) if value else None,
        tag("span", " ", tag("span", place, class_="fc-place")) if place else None,
    )
    children = node.get("children") or ()
    if not children:
        return tag("li", line, class_=f"kind-{kind}")
    below = tag("ul", *(_node(reader, child, level + 1) for child in children))
    fold = tag("details", tag("summary", line), below, open=level < _OPEN_LEVELS)
    return tag("li", fold, class_=f"kind-{kind}")
