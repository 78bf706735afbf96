"""`forgecast grade`: what grades ask, which correspond and what speaks against it, and whether a heat meets one."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from forgecast.app.certificate.probability import shown_probability
from forgecast.app.cli.bilingual import (
    BilingualGroup,
    argument,
    json_option,
    language_of,
    language_option,
    option,
)
from forgecast.app.cli.casting.show import show_notes, show_table
from forgecast.app.cli.quantity import Quantity
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Language, Text, bilingual, text, verbatim

if TYPE_CHECKING:
    from forgecast.metal.grade import Correspondence, Grade, Requirement
    from forgecast.quality.conformity import Judged
    from forgecast.tasks.check_grade import GradeCheck

_RULES: Final = ("both", "simple", "guarded-acceptance", "guarded-rejection")
_GIVEN: Final = re.compile(r"([A-Za-z][\w.]*)=(\d+(?:\.\d+)?)(?:(?:±|\+-|\+/-)(\d+(?:\.\d+)?))?")

table_option = option(
    "--table", "tables", multiple=True, type=click.Path(path_type=Path, dir_okay=False),
    help=text("CSV table of grades of your own; may be given again."),
)  # fmt: skip
rule_option = option(
    "--decide", "rule", type=click.Choice(_RULES), default=_RULES[0], show_default=True,
    help=text("How the uncertainty of measurement enters: both guards either side of a limit by U (k = 2)."),
)  # fmt: skip
section_option = option(
    "--section", type=Quantity("length"), help=text("Size of section, where the grade depends on it.")
)
state_option = option("--state", default="", help=text("Condition of the material, in the words of the grade."))


@click.group(
    cls=BilingualGroup,
    name="grade",
    sentence=text(
        "Show what a grade asks, which grades correspond and with what doubts, and check a heat against one."
    ),
)
@language_option
def grade() -> None:
    """Hold the grade commands together."""


@grade.command(
    name="list",
    sentence=text("List the grades on record, and how many of their numbers are known well enough to decide."),
    examples=(
        ("forgecast grade list", text("all of them")),
        ("forgecast grade list 'GB/T 1348'", text("those of a standard")),
    ),
)
@argument("standard", required=False, default="", help=text("A standard; without it, all."))
@option("--plant", type=click.Path(path_type=Path), help=text("Plant whose own tables are read too."))
@table_option
@json_option
@language_option
@click.pass_context
def list_grades(
    context: click.Context, *, standard: str, plant: Path | None, tables: tuple[Path, ...], as_json: bool
) -> int:
    """List grades."""
    from forgecast.metal.grade import all_grades  # noqa: PLC0415  (loads only when needed)
    from forgecast.tasks.check_grade import own_grades  # noqa: PLC0415

    wanted = standard.replace(" ", "").casefold()
    found = [
        one for one in all_grades(own_grades(plant, tables))
        if one.standard.replace(" ", "").casefold().startswith(wanted)
    ]  # fmt: skip
    if as_json:
        told = {"ok": True, "grades": [one.as_json() for one in found]}
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return 0
    language = language_of(context)
    if not found:
        click.echo(text("No grade of {standard} is on record.", standard=standard).say(language))
    heads = (text("Grade"), text("Standard"), text("rules [1]"), text("deciding [1]"), text("Corresponds to"))
    show_table(heads, (_listed(one) for one in found), language)
    show_notes((text("`forgecast grade show GRADE` tells every rule with its source and every doubt."),), language)
    return 0


def _listed(one: Grade) -> tuple[str, ...]:
    return (
        one.name,
        one.standard,
        str(len(one.requirements)),
        str(sum(rule.decides for rule in one.requirements)),
        ", ".join(f"{other.grade}{'?' if other.fit == 'disputed' else ''}" for other in one.correspondences),
    )


@grade.command(
    name="show",
    sentence=text("Show every rule of a grade with its source, and the grades said to correspond with their doubts."),
    examples=(
        ("forgecast grade show QT500-7", text("by its name")),
        ("forgecast grade show 40Cr --standard GB/T17107", text("where several standards have the name")),
    ),
)
@argument("name", help=text("Grade, with or without its standard."))
@option("--standard", default="", help=text("Standard, where several have the name."))
@option("--plant", type=click.Path(path_type=Path), help=text("Plant whose own tables are read too."))
@table_option
@json_option
@language_option
@click.pass_context
def show(
    context: click.Context, *, name: str, standard: str, plant: Path | None, tables: tuple[Path, ...], as_json: bool
) -> int:
    """Show a grade."""
    from forgecast.metal.grade import find_grade  # noqa: PLC0415  (loads only when needed)
    from forgecast.tasks.check_grade import own_grades  # noqa: PLC0415

    found, _ = find_grade(name, own_grades(plant, tables), standard=standard)
    if as_json:
        click.echo(json.dumps({"ok": True, **found.as_json()}, ensure_ascii=False, indent=1))
        return 0
    language = language_of(context)
    click.secho(found.title, bold=True)
    if found.edition_in_force:
        known = text("edition in force: {edition}", edition=found.edition_in_force).say(language)
        note = "" if found.edition_note is None else f" ({found.edition_note.say(language)})"
        click.echo(known + note)
    click.echo()
    heads = (text("Rule"), text("Limits"), text("Section [mm]"), text("Condition"), text("Specimen"), text("Known"))
    show_table(heads, (_rule(one, language) for one in found.requirements), language)
    show_notes(_notes(found), language)
    _show_correspondences(found, language)
    return 0


def _rule(one: Requirement, language: Language) -> tuple[str, ...]:
    from forgecast.metal.grade import SPECIMEN_TEXTS, STATE_TEXTS  # noqa: PLC0415

    low, high = one.section
    section = "" if low is None and high is None else f"{_open(low, '>')} {_open(high, '≤')}".strip()
    specimen = SPECIMEN_TEXTS.get(one.specimen)
    at = "" if one.temperature is None else f" {one.temperature:g} °C"
    name = one.rule if one.rule == one.formula.written else f"{one.rule} = {one.formula.written}"
    state = STATE_TEXTS.get(one.state)
    return (
        name + at,
        limits_of(one),
        section,
        one.state if state is None else state.say(language),
        "" if specimen is None else specimen.say(language),
        _known(one).say(language),
    )


def _open(value: float | None, sign: str) -> str:
    return "" if value is None else f"{sign} {value:g}"


def _known(one: Requirement) -> Text:
    from forgecast.app.report.words import CONFIDENCE_TEXTS  # noqa: PLC0415  (loads only when needed)
    from forgecast.metal.grade import OWN  # noqa: PLC0415

    confidence = one.source.confidence
    known = text("your own copy") if confidence == OWN else CONFIDENCE_TEXTS[confidence]
    if one.superseded:
        return text("{known}; edition {edition}, superseded: decides nothing", known=known, edition=one.edition)
    if not one.decides:
        return text("{known}: decides nothing", known=known)
    return known if one.required else text("{known}; for guidance", known=known)


def _notes(found: Grade) -> list[Text]:
    said: dict[tuple[str, str], list[str]] = {}
    for one in found.requirements:
        for note in (one.note, one.source.source):
            if note.say("en"):
                said.setdefault((note.say("en"), note.say("zh")), []).append(one.rule)
    return [
        text("{rules}: {note}", rules=", ".join(dict.fromkeys(rules)), note=bilingual(_plain(en), _plain(zh)))
        for (en, zh), rules in said.items()
    ]


def _plain(words: str) -> str:
    return words.replace("{", "{{").replace("}", "}}")


def limits_of(one: Requirement) -> str:
    """Return the limits of a rule as a person reads them, with their unit."""
    unit = "" if one.unit == "1" else f" {one.unit}"
    if one.lower is not None and one.upper is not None:
        return f"{one.lower:.5g} – {one.upper:.5g}{unit}"
    return f"≥ {one.lower:.5g}{unit}" if one.lower is not None else f"≤ {one.upper:.5g}{unit}"


def _show_correspondences(found: Grade, language: Language) -> None:
    click.echo()
    if not found.correspondences:
        click.echo(text("No grade of another standard is on record for it.").say(language))
        return
    heads = (text("Corresponds to"), text("Standard"), text("How"), text("Doubt"), text("Known"))
    show_table(heads, (_pairing(one, language) for one in found.correspondences), language)


def _pairing(one: Correspondence, language: Language) -> tuple[str, ...]:
    from forgecast.app.report.words import CONFIDENCE_TEXTS  # noqa: PLC0415
    from forgecast.metal.grade import FIT_TEXTS  # noqa: PLC0415

    return (
        one.grade,
        one.standard,
        FIT_TEXTS[one.fit].say(language),
        one.doubt.say(language),
        CONFIDENCE_TEXTS[one.source.confidence].say(language),
    )


@grade.command(
    name="check",
    sentence=text(
        "Check a heat on record, or values you give, against a grade: each rule is met, not met or not known, with the "
        "probability of conformity."
    ),
    examples=(
        ("forgecast grade check QT500-7 --plant my-plant --heat H-101", text("a heat: its samples and tests")),
        ("forgecast grade check QT500-7 Rm=512±8 Rp0.2=331±7 A=8.4±0.6", text("values with their U (k = 2)")),
        ("forgecast grade check 40Cr --standard GB/T17107 --section 80mm --state 'quenched and tempered' Rm=760±10",
         text("where the grade depends on section and condition")),
    ),
)  # fmt: skip
@argument("name", help=text("Grade, with or without its standard."))
@argument(
    "values", nargs=-1, help=text("Values as NAME=VALUE±U: elements in %, Rm and Rp0.2 in MPa, A and Z in %, KV in J.")
)
@option("--standard", default="", help=text("Standard, where several have the name."))
@option("--plant", type=click.Path(path_type=Path), help=text("Plant the heat is of; its own tables are read too."))
@option("--heat", default="", help=text("Heat of the plant."))
@section_option
@state_option
@rule_option
@table_option
@option("--strict", is_flag=True, help=text("Leave with exit code 1 unless all required rules are met."))
@json_option
@language_option
@click.pass_context
def check(
    context: click.Context,
    *,
    name: str,
    values: tuple[str, ...],
    standard: str,
    plant: Path | None,
    heat: str,
    section: float | None,
    state: str,
    rule: str,
    tables: tuple[Path, ...],
    strict: bool,
    as_json: bool,
) -> int:
    """Check a heat or values against a grade."""
    from contextlib import nullcontext  # noqa: PLC0415

    from forgecast.quality.release import DecisionRule  # noqa: PLC0415  (loads only when needed)
    from forgecast.store.plant_folder import PlantFolder  # noqa: PLC0415
    from forgecast.tasks.check_grade import check_grade, own_grades  # noqa: PLC0415

    given = dict(map(_given, values))
    if not given and not (plant and heat):
        raise ForgecastError(
            text("there is nothing to check"),
            repair=text("give values (Rm=512±8), or --plant and --heat"),
        )
    with nullcontext() if plant is None else PlantFolder.open(plant) as folder:
        done = check_grade(
            name,
            standard=standard,
            own=own_grades(plant, tables),
            plant=folder,
            heat=heat,
            values=given,
            section_mm=None if section is None else 1000.0 * section,
            state=state,
            rule=DecisionRule(rule),
        )
    if as_json:
        click.echo(json.dumps({"ok": True, **done.as_json()}, ensure_ascii=False, indent=1))
    else:
        _show_check(done, language_of(context))
    return 1 if strict and done.word != "met" else 0


def _given(written: str) -> tuple[str, tuple[float, float | None]]:
    from forgecast.metal.rule_formula import ELEMENTS, PROPERTIES  # noqa: PLC0415  (loads only when needed)

    found = _GIVEN.fullmatch(written)
    if found is None or (found.group(1) not in ELEMENTS and found.group(1) not in PROPERTIES):
        raise ForgecastError(
            text("{value} is no value of an element or a property", value=written),
            repair=text(
                "write NAME=VALUE±U, such as C=3.62±0.05 or Rm=512±8; names: {names}", names=", ".join(PROPERTIES)
            ),
        )
    name, value, uncertainty = found.groups()
    return name, (float(value), None if uncertainty is None else float(uncertainty))


def _show_check(done: GradeCheck, language: Language) -> None:
    from forgecast.quality.release import RULE_TEXTS  # noqa: PLC0415
    from forgecast.rules.verdict import WORD_TEXTS, Word  # noqa: PLC0415

    lead = text("{grade}: {word}", grade=done.grade.title, word=WORD_TEXTS[Word(done.word)])
    click.secho(lead.say(language), bold=True)
    click.echo()
    heads = (text("Verdict"), text("Rule"), text("Value ± U (k = 2)"), text("Limits"), text("P [%]"), text("Why"))
    show_table(heads, (_judged(one, language) for one in done.judged), language)
    show_notes(
        (
            RULE_TEXTS[done.rule],
            text(
                "P: probability that the true value is within the limits, the measured one being normally distributed."
            ),
            text("Uncertainties of sums, ratios and carbon equivalents take the covariances as zero."),
        ),
        language,
    )
    _show_correspondences(done.grade, language)


def _judged(one: Judged, language: Language) -> tuple[str, ...]:
    from forgecast.rules.verdict import WORD_TEXTS, Word  # noqa: PLC0415

    measured = one.measured
    value = "—"
    if measured is not None:
        value = f"{measured.value:.5g}" + ("" if measured.expanded is None else f" ± {measured.expanded:.2g}")
    guidance = "" if one.requirement.required else f" ({text('for guidance').say(language)})"
    why = one.reason if not one.origin else text("{reason} — {origin}", reason=one.reason, origin=verbatim(one.origin))
    return (
        WORD_TEXTS[Word(one.word)].say(language),
        one.requirement.rule + guidance,
        value,
        limits_of(one.requirement),
        shown_probability(one.probability),
        why.say(language),
    )
