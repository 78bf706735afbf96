"""The tree of a verdict: clause -> applies -> limit -> figure -> facts -> rows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from forgecast.ground.texts import Text, bilingual, text, verbatim
from forgecast.rules.binding import Binding
from forgecast.rules.book import LAYER_TEXTS, DatedValue, Requirement
from forgecast.rules.decision import DECISION_TEXTS, DecisionRule
from forgecast.rules.expression import ALWAYS, Answer, Need
from forgecast.rules.fact import AnyFigure, Fact, FactValue, Figure, HourlyFigure, Origin, WindowFigure
from forgecast.rules.judging import Finding
from forgecast.rules.scene import SubjectScene
from forgecast.rules.verdict import CONFIDENCE_TEXTS, TraceNode

_WORDS = {True: "true", False: "false", None: "unknown"}


def value_text(value: FactValue, unit: str = "") -> str:
    """Return a value as the tree shows it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    said = f"{value:.12g}" if isinstance(value, float) else str(value)
    return f"{said} {unit}" if unit else said


def origin_node(origin: Origin) -> TraceNode:
    """Return where a fact or figure stands, with what it was computed from."""
    return TraceNode("row", origin.what, "", origin.place, tuple(origin_node(o) for o in origin.origins))


def fact_node(name: str, fact: Fact) -> TraceNode:
    """Return a fact with the row it stands in."""
    return TraceNode(
        "fact",
        bilingual("{name}", "{name}", name=name),
        value_text(fact.value, fact.unit),
        fact.origin.place,
        (origin_node(fact.origin),),
    )


def answer_node(kind: str, what: Text, answer: Answer, scene: SubjectScene, place: str) -> TraceNode:
    """Return the answer of an expression with the facts it read."""
    children = [node for name in answer.used if (node := _read(name, scene)) is not None]
    children.extend(TraceNode("missing", scene.need_text(need)) for need in answer.needs)
    return TraceNode(kind, what, _WORDS[answer.value], place, tuple(children))


def _read(name: str, scene: SubjectScene) -> TraceNode | None:
    parameter = scene.parameter(name)
    if parameter is not None:
        return TraceNode(
            "limit", text("{name}, clause {clause}", name=name, clause=parameter.clause),
            value_text(parameter.value, parameter.unit), parameter.entry,
        )  # fmt: skip
    fact = scene.fact(name)
    if fact is not None:
        return fact_node(name, fact)
    if name.startswith("period."):
        day = scene.look(name)
        return None if isinstance(day, Need) else TraceNode("fact", verbatim(name), value_text(day))
    figures = scene.figures(name)
    if figures:
        return TraceNode(
            "figure", bilingual("{name}", "{name}", name=name), "", "", tuple(figure_node(figure) for figure in figures)
        )
    return None


def limit_nodes(requirement: Requirement, binding: Binding, scene: SubjectScene) -> tuple[TraceNode, ...]:
    """Return every dated number that held or may have held, with why."""
    bound = {id(stretch.binding) for stretch in binding.stretches}
    return tuple(
        _limit_node(requirement, value, answer, scene, binds=id(value) in bound) for value, answer in binding.asked
    )


def _limit_node(
    requirement: Requirement, value: DatedValue, answer: Answer, scene: SubjectScene, *, binds: bool
) -> TraceNode:
    start = "" if value.validity.start is None else value.validity.start.isoformat()
    layer = LAYER_TEXTS[value.layer]
    if binds:
        what = text(
            "{layer} limit, clause {clause}, in force from {start}; this one binds",
            layer=layer, clause=value.clause, start=start,
        )  # fmt: skip
    else:
        what = text(
            "{layer} limit, clause {clause}, in force from {start}", layer=layer, clause=value.clause, start=start
        )
    shown = ""
    if value.value is not None and requirement.comparison is not None:
        shown = f"{requirement.comparison} {value.value:.12g} {requirement.unit}"
    children = [
        TraceNode(
            "row",
            bilingual(
                "{source} ({confidence})",
                "{source}（{confidence}）",
                source=value.source,
                confidence=CONFIDENCE_TEXTS[value.confidence],
            ),
        )
    ]
    if value.addressed is not ALWAYS:
        holds = text("holds for: {expression}", expression=value.addressed.text)
        children.append(answer_node("applies", holds, answer, scene, value.entry))
    if value.pending is not None:
        children.append(TraceNode("missing", value.pending))
    return TraceNode("limit", what, shown, value.entry, tuple(children))


def decision_nodes(finding: Finding, rule: DecisionRule, unit: str) -> tuple[TraceNode, ...]:
    """Return the decision rule, where it is more than the comparison, or an uncertainty is known."""
    conformity = finding.conformity
    if conformity is None or (rule is DecisionRule.SIMPLE and conformity.uncertainty is None):
        return ()
    rows = []
    if conformity.uncertainty is not None and conformity.probability is not None:
        rows.append(
            TraceNode(
                "row", text("standard uncertainty of the deciding value"), value_text(conformity.uncertainty, unit)
            )
        )
        rows.append(TraceNode("row", text("probability of conformity"), f"{conformity.probability:.3f}"))
    if conformity.acceptance_limit is not None:
        rows.append(TraceNode("row", text("acceptance limit"), value_text(conformity.acceptance_limit, unit)))
    return (TraceNode("state", DECISION_TEXTS[rule], "", "", tuple(rows)),)


def figure_node(figure: AnyFigure) -> TraceNode:
    """Return a figure with what it was computed from."""
    if isinstance(figure, HourlyFigure):
        return TraceNode(
            "figure",
            text(
                "{name}: {valid} valid 1-h means, {expected} due",
                name=figure.name, valid=int(figure.values.size), expected=figure.expected_hours,
            ),
            "", figure.origin.place, (origin_node(figure.origin),),
        )  # fmt: skip
    if isinstance(figure, Figure):
        children: Iterable[TraceNode] = (origin_node(figure.origin),)
        if figure.why_missing is not None:
            children = (*children, TraceNode("missing", figure.why_missing))
        shown = "" if figure.value is None else value_text(float(figure.value), figure.unit)
        return TraceNode(
            "figure", bilingual("{name}", "{name}", name=figure.name), shown, figure.origin.place, tuple(children)
        )
    if isinstance(figure, WindowFigure):
        return TraceNode("figure", figure.what, "", figure.origin.place, (origin_node(figure.origin),))
    rows = tuple(
        TraceNode(
            "row", bilingual("{what}, {day}", "{what}，{day}", what=origin.what, day=day.isoformat()),
            value_text(float(value), figure.unit), origin.place,
            tuple(origin_node(o) for o in origin.origins),
        )
        for day, value, origin in figure.samples
    )  # fmt: skip
    return TraceNode(
        "figure", text("{name}: {count} manual tests", name=figure.name, count=len(figure.samples)), "",
        figure.origin.place, rows,
    )  # fmt: skip
