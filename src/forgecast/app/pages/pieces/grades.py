"""Grades: what each asks, which correspond and with what doubt, and whether a heat or values meet one."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from forgecast.app.doors.pieces.grades import (
    GRADE,
    GRADE_CHECK,
    GRADES,
    AboutGrade,
    AboutGrades,
    GradeAsked,
)
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import (
    Column,
    Heading,
    asked,
    badge,
    button,
    card,
    chip,
    columns,
    filter_bar,
    grid,
    heading,
    joined,
    lines,
    number,
    number_field,
    paragraph,
    table,
    text_field,
)
from forgecast.app.pages.parts.markup import Content
from forgecast.app.pages.visit import Visit
from forgecast.ground.texts import text
from forgecast.metal.grade import SPECIMEN_TEXTS, STATE_TEXTS


@page("pieces", "pieces/grades", text("Grades"), in_menu=True)
async def grades(visit: Visit) -> None:
    """Fill the page of the grades."""
    name, heat = visit.query.get("name", ""), visit.query.get("heat", "")
    values, standard = visit.query.get("values", ""), visit.query.get("standard", "")
    heading(visit, text("Grades"), lead=text("What a grade asks, what corresponds to it, and whether a heat meets it."))
    with filter_bar():
        grade = text_field(visit, text("Grade"), value=name, placeholder="QT500-7")
        kind = text_field(visit, text("Standard, where several have it"), value=standard, placeholder="GB/T 1348")
        which = text_field(visit, text("Heat to check"), value=heat)
        given = text_field(visit, text("Or values"), value=values, placeholder="C=3.62±0.05 Rm=512±8")
        section = number_field(
            visit, text("Size of section"), value=_float(visit.query.get("section", "")), unit="mm", least=0
        )

        def go() -> None:
            wanted = {
                "name": grade.value,
                "standard": kind.value,
                "heat": which.value,
                "values": given.value,
                "section": "" if section.value is None else f"{section.value:g}",
            }
            ui.navigate.to(
                visit.link(
                    "pieces/grades", **{key: str(v).strip() for key, v in wanted.items() if v and str(v).strip()}
                )
            )

        given.on("keydown.enter", go)
        button(visit, text("Show"), go, kind="main")
    if not name:
        await asked(visit, GRADES, AboutGrades(standard=standard), lambda told: _list(visit, told))
        return
    if heat or values:
        question = GradeAsked(
            name=name,
            standard=standard,
            heat=heat,
            values=values.split(),
            section_mm=_float(visit.query.get("section", "")),
            state=visit.query.get("state", ""),
        )
        await asked(visit, GRADE_CHECK, question, lambda told: _checked(visit, told))
    await asked(visit, GRADE, AboutGrade(name=name, standard=standard), lambda told: _grade(visit, told))


def _float(written: str) -> float | None:
    try:
        found = float(written)
    except ValueError:
        return None
    return found if found > 0.0 else None


def _list(visit: Visit, told: dict[str, Any]) -> None:
    rows = [
        {**one, "others": ", ".join(f"{o['grade']}{'?' if o['fit'] == 'disputed' else ''}" for o in one["corresponds"])}
        for one in told["grades"]
    ]
    with card(visit, flush=True):
        grid(
            visit,
            rows,
            [
                Column(
                    "grade",
                    text("Grade"),
                    link=visit.link("pieces/grades") + "?name={grade}&standard={standard}",
                    width=160,
                ),
                Column("standard", text("Standard"), width=150),
                Column("rules", text("Rules"), kind="number", width=100),
                Column("deciding", text("of them decide"), kind="number", width=140),
                Column("others", text("Corresponds to")),
            ],
            title=text("Grades"),
            height=640,
        )
    paragraph(
        visit,
        text("A rule that was not read in its source decides nothing; put your own tables into the plant."),
        soft=True,
    )


def _checked(visit: Visit, told: dict[str, Any]) -> None:
    with card(visit, text("The check"), aside=badge(visit, told["word"]), flush=True):
        heads = [
            Heading(text("Verdict")),
            Heading(text("Rule")),
            Heading(text("Value ± U (k = 2)"), numeric=True),
            Heading(text("Limits")),
            Heading(text("P within"), "%", numeric=True),
            Heading(text("Why")),
        ]
        table(visit, heads, [_judged(visit, one) for one in told["judged"]])
    paragraph(visit, told["decision_rule_says"], soft=True)


def _judged(visit: Visit, one: dict[str, Any]) -> tuple[Content, ...]:
    value: Content = None
    if one["value"] is not None:
        doubt = one["expanded_uncertainty_k2"]
        value = joined(number(one["value"]), "" if doubt is None else f" ± {doubt:.2g}")
    chance = one["probability_of_conformity"]
    rule = one["rule"] if one["required"] else lines(one["rule"], visit.say(text("for guidance")))
    share = None if chance is None else ("> 99.9" if chance > 0.9995 else number(100.0 * chance))
    return (badge(visit, one["word"]), rule, value, _limits(one), share, lines(visit.say(one["reason"]), one["origin"]))


def _limits(one: dict[str, Any]) -> Content:
    low, high, unit = one["lower"], one["upper"], "" if one["unit"] == "1" else one["unit"]
    if low is not None and high is not None:
        return joined(number(low), " – ", number(high, unit))
    return joined("≥ ", number(low, unit)) if low is not None else joined("≤ ", number(high, unit))


def _grade(visit: Visit, told: dict[str, Any]) -> None:
    edition = told["edition_in_force"]
    note = text("edition in force: {edition}", edition=edition) if edition else None
    with card(visit, told["title"], note=note, flush=True):
        heads = [
            Heading(text("Rule")),
            Heading(text("Limits")),
            Heading(text("Section"), "mm"),
            Heading(text("Condition")),
            Heading(text("Specimen")),
            Heading(text("Known")),
        ]
        table(visit, heads, [_rule(visit, one) for one in told["requirements"]])
    with columns(1), card(visit, text("Corresponds to"), flush=True):
        table(
            visit,
            [text("Grade"), text("Standard"), text("How"), text("Doubt"), text("Known")],
            [
                (one["grade"], one["standard"], visit.say(one["how"]), visit.say(one["doubt"]), visit.say(one["known"]))
                for one in told["correspondences"]
            ],
            empty=text("No grade of another standard is on record for it."),
        )


def _rule(visit: Visit, one: dict[str, Any]) -> tuple[Content, ...]:
    low, high = one["section_from_mm"], one["section_to_mm"]
    section = " ".join(
        part for part in ("" if low is None else f"> {low:g}", "" if high is None else f"≤ {high:g}") if part
    )
    state, specimen = STATE_TEXTS.get(one["state"]), SPECIMEN_TEXTS.get(one["specimen"])
    formula = "" if one["rule"] == one["formula"] else f" = {one['formula']}"
    decides = None if one["decides"] else chip(visit, text("decides nothing"), "unknown")
    source = one["source"]["source"]
    return (
        f"{one['rule']}{formula}",
        _limits(one),
        section,
        one["state"] if state is None else visit.say(state),
        "" if specimen is None else visit.say(specimen),
        lines(
            joined(visit.say(one["known"]), " ", decides),
            visit.say(source) if isinstance(source, dict) else str(source),
        ),
    )
