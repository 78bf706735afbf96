"""Grades across standards: what each asks of composition and properties, and which grades are said to correspond."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from forgecast.ground.citation import Source
from forgecast.ground.tables import read_table
from forgecast.ground.texts import Text, bilingual, text, verbatim
from forgecast.ground.units import convert
from forgecast.metal.error import MaterialError
from forgecast.metal.rule_formula import PROPERTIES, Formula, formula

#: Confidence of numbers that a plant entered from its own copy of the standard.
OWN: Final = "own"
#: Numbers of these decide; an unverified one never does.
DECIDING: Final = frozenset({"primary", "secondary", OWN})
#: How a grade of another standard is said to correspond.
FIT_TEXTS: Final[dict[str, Text]] = {
    "same form": text("same designation rule"),
    "nearest": text("nearest"),
    "disputed": text("disputed"),
}
#: Conditions of material that the shipped tables name.
STATE_TEXTS: Final[dict[str, Text]] = {
    "quenched and tempered": text("quenched and tempered"),
    "annealed": text("annealed"),
}
SPECIMEN_TEXTS: Final[dict[str, Text]] = {
    "separately_cast": text("separately cast sample"),
    "cast_on": text("cast-on sample"),
    "from_casting": text("sample from the casting"),
    "from_forging": text("sample from the forging"),
    "bar": text("bar stock"),
}
_NOT_ASCII_DASH = str.maketrans({"–": "-", "—": "-", "－": "-", "（": "(", "）": ")", "　": " "})


@dataclass(frozen=True, slots=True)
class Requirement:
    """One rule of a grade.

    Parameters
    ----------
    rule : str
        As the table writes it: a formula, or the name of a carbon equivalent.
    formula : Formula
        What is compared with the limits.
    lower, upper : float or None
        Limits, both ends included, in `unit`; None where there is none.
    unit : str
        ``%``, ``MPa``, ``J`` or ``1``.
    section : tuple of (float or None)
        Sizes of section it applies to, above the first up to the second [mm]; None where open.
    state : str
        Condition of the material it applies to; empty for any.
    specimen : str
        Kind of specimen it is for (words of the record `mechanical_test`); empty for any.
    temperature : float or None
        Of the test [°C]; None for room temperature, or where it does not matter.
    required : bool
        False where it is shown for guidance and decides nothing.
    decides : bool
        Whether the number is known well enough, and its edition is not superseded.
    superseded : bool
        Whether a later edition has taken its place.
    edition : str
        Of the standard; empty where the source names none.
    note : Text
    source : Source
    """

    rule: str
    formula: Formula
    lower: float | None
    upper: float | None
    unit: str
    section: tuple[float | None, float | None]
    state: str
    specimen: str
    temperature: float | None
    required: bool
    decides: bool
    superseded: bool
    edition: str
    note: Text
    source: Source

    def covers(self, section_mm: float | None) -> bool | None:
        """Tell whether it applies to a section of this size; None where that depends on the size, which is missing."""
        low, high = self.section
        if low is None and high is None:
            return True
        if section_mm is None:
            return None
        return (low is None or section_mm > low) and (high is None or section_mm <= high)

    def as_json(self) -> dict[str, object]:
        """Return the rule as every JSON answer shows it."""
        return {
            "rule": self.rule,
            "formula": self.formula.written,
            "kind": self.formula.kind,
            "lower": self.lower,
            "upper": self.upper,
            "unit": self.unit,
            "section_from_mm": self.section[0],
            "section_to_mm": self.section[1],
            "state": self.state,
            "specimen": self.specimen,
            "test_temperature_degC": self.temperature,
            "required": self.required,
            "decides": self.decides,
            "superseded": self.superseded,
            "edition": self.edition,
            "note": self.note.as_json(),
            "source": self.source.as_json(),
        }


@dataclass(frozen=True, slots=True)
class Correspondence:
    """A grade of another standard that is said to correspond, and what speaks against it.

    Parameters
    ----------
    grade, standard : str
    fit : str
        A key of `FIT_TEXTS`.
    doubt : Text
    source : Source
    """

    grade: str
    standard: str
    fit: str
    doubt: Text
    source: Source

    def as_json(self) -> dict[str, object]:
        """Return the pairing as every JSON answer shows it."""
        return {
            "grade": self.grade,
            "standard": self.standard,
            "fit": self.fit,
            "doubt": self.doubt.as_json(),
            "source": self.source.as_json(),
        }


@dataclass(frozen=True, slots=True)
class Grade:
    """A grade of one standard.

    Parameters
    ----------
    name, standard : str
    requirements : tuple of Requirement
    correspondences : tuple of Correspondence
    edition_in_force : str
        Empty where it is not known.
    edition_note : Text or None
        What is known of that edition.
    """

    name: str
    standard: str
    requirements: tuple[Requirement, ...]
    correspondences: tuple[Correspondence, ...]
    edition_in_force: str = ""
    edition_note: Text | None = None

    @property
    def title(self) -> str:
        """Return standard and name in one."""
        return f"{self.name} ({self.standard})"

    @property
    def states(self) -> tuple[str, ...]:
        """Return the conditions of material that its rules tell apart."""
        return tuple(dict.fromkeys(one.state for one in self.requirements if one.state))

    def as_json(self) -> dict[str, object]:
        """Return the grade as every JSON answer shows it."""
        return {
            "grade": self.name,
            "standard": self.standard,
            "edition_in_force": self.edition_in_force,
            "edition_note": None if self.edition_note is None else self.edition_note.as_json(),
            "requirements": [one.as_json() for one in self.requirements],
            "correspondences": [one.as_json() for one in self.correspondences],
        }


def requirement_of(row: Mapping[str, str], *, where: str) -> Requirement:
    """Return a row of a grade table as a requirement.

    Parameters
    ----------
    row : mapping of str to str
        With the columns of ``tables/grade.csv``.
    where : str
        File and row, for errors.

    Raises
    ------
    MaterialError
        If a number or the unit cannot be read, or both limits are missing or the wrong way round.
    ForgecastError
        If the rule cannot be read.
    """
    named = next((one for one in read_table("carbon_equivalent") if one["name"] == row["rule"]), None)
    read = formula(row["rule"] if named is None else named["formula"])
    unit = _unit_of(read)
    lower, upper = (_limit(row, name, unit, where) for name in ("lower", "upper"))
    if (lower is None and upper is None) or (lower is not None and upper is not None and lower > upper):
        raise MaterialError(
            text("the rule {rule} has no limit, or its lower limit is above its upper one", rule=row["rule"]),
            where=where,
            repair=text("write a lower limit, an upper limit, or both"),
        )
    weak = named is not None and named["confidence"] not in DECIDING
    superseded = row.get("standing", "") == "superseded"
    words = row["source"] if named is None else f"{row['source']}; {named['source']}"
    words_zh = row["source_zh"] if named is None else f"{row['source_zh']}；{named['source_zh']}"
    low, high = (_number(row, name, where) for name in ("section_from_mm", "section_to_mm"))
    return Requirement(
        rule=row["rule"],
        formula=read,
        lower=lower,
        upper=upper,
        unit=unit,
        section=(low, high),
        state=row.get("state", ""),
        specimen=row.get("specimen", ""),
        temperature=_number(row, "temperature_degC", where),
        required=row.get("force", "") != "guidance",
        decides=row["confidence"] in DECIDING and not weak and not superseded,
        superseded=superseded,
        edition=row.get("edition", ""),
        note=bilingual(_bare(row, "note_en"), _bare(row, "note_zh")),
        source=Source(
            verbatim(f"{row['grade']} ({row['standard']}): {row['rule']}"),
            bilingual(_escaped(words), _escaped(words_zh)),
            "unverified" if weak else row["confidence"],
        ),
    )


@lru_cache(maxsize=1)
def shipped_grades() -> tuple[Grade, ...]:
    """Return the grades that come with Forgecast, in the order of their table."""
    return gather((row, f"grade.csv:{number}") for number, row in enumerate(read_table("grade"), start=2))


def gather(rows: Iterable[tuple[Mapping[str, str], str]]) -> tuple[Grade, ...]:
    """Return the grades that rows of requirements make, each row with its place."""
    found: dict[tuple[str, str], list[Requirement]] = {}
    for row, where in rows:
        found.setdefault((row["grade"], row["standard"]), []).append(requirement_of(row, where=where))
    return tuple(_grade(name, standard, tuple(asked)) for (name, standard), asked in found.items())


def all_grades(own: Sequence[Grade] = ()) -> tuple[Grade, ...]:
    """Return shipped grades and those of the user's own tables, whose word on a rule replaces the shipped one.

    Parameters
    ----------
    own : sequence of Grade
        As `forgecast.metal.grade_own.read_grades` returns them.
    """
    left = {(one.name, one.standard): one for one in own}
    merged = []
    for shipped in shipped_grades():
        mine = left.pop((shipped.name, shipped.standard), None)
        merged.append(shipped if mine is None else _merged(shipped, mine))
    return (*merged, *left.values())


def find_grade(asked: str, own: Sequence[Grade] = (), *, standard: str = "") -> tuple[Grade, str]:
    """Return a grade by its name, and the condition of material the name carries (``ZL101-T6``), if any.

    Parameters
    ----------
    asked : str
        Name, or standard and name in any order ("GB/T 1348 QT450-10").
    own : sequence of Grade
    standard : str
        Wanted where one name stands in several standards.

    Raises
    ------
    MaterialError
        If no grade has the name, or several standards have it.
    """
    grades = all_grades(own)
    key = _key(asked)
    found = [(one, "") for one in grades if key in _spellings(one)]
    if not found:
        found = [
            (one, state) for one in grades for state in one.states
            if key in {f"{name}-{_key(state)}" for name in _spellings(one)}
        ]  # fmt: skip
    if standard:
        found = [pair for pair in found if _key(standard).startswith(_key(pair[0].standard))]
    if len(found) == 1:
        return found[0]
    if found:
        raise MaterialError(
            text("{count} standards have a grade {grade}", count=len(found), grade=asked),
            where=asked,
            repair=text("name the standard too: {names}", names=", ".join(one.standard for one, _ in found)),
        )
    raise MaterialError(
        text("no grade is called {grade}", grade=asked),
        where=asked,
        repair=text(
            "see `forgecast grade list`; grades of your own come from a CSV table in the folder grades of the plant "
            "or behind --table"
        ),
    )


def without_doubt(requirement: Requirement) -> Text | None:
    """Return why the number of a requirement decides nothing and how to enter it, or None where it decides."""
    if requirement.decides:
        return None
    how = text(
        "enter it from your own copy of the standard: a CSV table with the columns grade, standard, rule, lower, "
        "upper, unit and source, in the folder grades of the plant or behind --table"
    )
    if requirement.superseded:
        return text(
            "the number on record is of the edition {edition}, which is superseded; {how}",
            edition=requirement.edition,
            how=how,
        )
    return text("the number on record was not verified; {how}", how=how)


def _merged(shipped: Grade, mine: Grade) -> Grade:
    spoken_of = {one.rule for one in mine.requirements}
    kept = tuple(one for one in shipped.requirements if one.rule not in spoken_of)
    return Grade(
        shipped.name,
        shipped.standard,
        (*mine.requirements, *kept),
        shipped.correspondences,
        shipped.edition_in_force,
        shipped.edition_note,
    )


def _grade(name: str, standard: str, requirements: tuple[Requirement, ...]) -> Grade:
    known = next((row for row in read_table("grade_standard") if row["standard"] == standard), None)
    return Grade(
        name,
        standard,
        requirements,
        _correspondences(name, standard),
        "" if known is None else known["edition"],
        None if known is None else bilingual(_bare(known, "note_en"), _bare(known, "note_zh")),
    )


def _correspondences(name: str, standard: str) -> tuple[Correspondence, ...]:
    made = []
    for row in read_table("grade_crosswalk"):
        there = row["grade"], row["standard"]
        here = row["other"], row["other_standard"]
        for (one, its_standard), (other, other_standard) in ((there, here), (here, there)):
            if (one, its_standard) == (name, standard):
                source = Source(
                    verbatim(f"{one} ~ {other}"), bilingual(_bare(row, "source"), _bare(row, "source_zh")),
                    row["confidence"],
                )  # fmt: skip
                doubt = bilingual(_bare(row, "doubt_en"), _bare(row, "doubt_zh"))
                made.append(Correspondence(other, other_standard, row["fit"], doubt, source))
    return tuple(made)


def _spellings(grade: Grade) -> frozenset[str]:
    name, standard = _key(grade.name), _key(grade.standard)
    return frozenset({name, f"{standard}{name}", f"{name}{standard}", f"{name}({standard})"})


def _key(name: str) -> str:
    return re.sub(r"\s+", "", name.translate(_NOT_ASCII_DASH)).casefold()


def _unit_of(read: Formula) -> str:
    if read.kind == "property":
        return PROPERTIES[read.symbols[0]][1]
    return "1" if read.mechanical or read.kind == "ratio" else "%"


def _limit(row: Mapping[str, str], column: str, unit: str, where: str) -> float | None:
    value = _number(row, column, where)
    if value is None or row["unit"] == unit:
        return value
    kind = {"MPa": "pressure", "J": "energy", "%": "share"}.get(unit)
    if kind is None or not row["unit"]:
        raise MaterialError(
            text("the unit of {rule} is {got}", rule=row["rule"], got=row["unit"] or "—"),
            where=where,
            repair=text("write {unit}", unit=unit),
        )
    return convert(value, kind, row["unit"], unit)


def _number(row: Mapping[str, str], column: str, where: str) -> float | None:
    cell = row.get(column, "")
    if cell == "":
        return None
    if not re.fullmatch(r"-?\d+(\.\d+)?", cell):
        raise MaterialError(
            text("`{column}` is {cell}, which is no number", column=column, cell=cell),
            where=where,
            repair=text("write a plain decimal number, or leave the cell empty if the value is not known"),
        )
    return float(cell)


def _bare(row: Mapping[str, str], column: str) -> str:
    return _escaped(row.get(column, ""))


def _escaped(words: str) -> str:
    # Words of a table are no template: a bracket in them is a bracket.
    return words.replace("{", "{{").replace("}", "}}")
