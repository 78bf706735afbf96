"""What if: which verdicts of a plant change if a fact or a figure is another one, and what would let one pass."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, bilingual, text, verbatim
from forgecast.plant.record import Record, records
from forgecast.plant.rows import Value
from forgecast.rules.change import WaysToPass, ways_to_pass
from forgecast.rules.fact import FactBase, FactValue, Figure, Origin, Subject
from forgecast.rules.verdict import Verdict
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.judge_plant import JudgedPlant, judge_plant
from forgecast.tasks.plant_view import PlantView, Row, period_of
from forgecast.tasks.record_entry import entry_of, read_entries

SITE = "site"
#: Fields that say what a thing is: a melting stack is not converted into a moulding one, nor iron into aluminium.
IDENTITY = frozenset({"stack.process", "stack.metal", "equipment.kind", "process.kind"})
#: Records of things whose facts can be supposed otherwise.
SUPPOSABLE = ("site", "stack", "equipment", "process", "permit")
#: A code that names nothing one could turn to.
OTHER = "other"


@dataclass(frozen=True, slots=True)
class Supposed:
    """One thing that is supposed to be otherwise.

    Parameters
    ----------
    kind, id : str
        The subject.
    name : str
        Field of its record, or one of its figures.
    value : Value
        In the field's unit; None: not known.
    is_figure : bool
    """

    kind: str
    id: str
    name: str
    value: Value
    is_figure: bool


@dataclass(frozen=True, slots=True)
class VerdictChange:
    """A verdict before and after; None where there was, or would be, none."""

    id: str
    before: Verdict | None
    after: Verdict | None

    @property
    def either(self) -> Verdict:
        """Return the verdict there is, the later one first."""
        found = self.after or self.before
        assert found is not None  # noqa: S101  (a change has at least one side)
        return found

    def as_json(self) -> dict[str, object]:
        """Return the change without the trees."""
        return {"id": self.id, "before": _side(self.before), "after": _side(self.after)}


def _side(verdict: Verdict | None) -> dict[str, object] | None:
    if verdict is None:
        return None
    return {
        "word": str(verdict.word),
        "figure": {"name": verdict.figure_name, "value": verdict.figure_value, "unit": verdict.figure_unit},
        "limit": None if verdict.limit is None else verdict.limit.as_json(),
        "missing": [missing.as_json() for missing in verdict.missing],
    }


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What was supposed, how many verdicts there are, and those that change."""

    supposed: tuple[Supposed, ...]
    judged: int
    changes: tuple[VerdictChange, ...]

    def as_json(self) -> dict[str, object]:
        """Return it as the command line shows it."""
        return {
            "ok": True,
            "supposed": [
                {"subject": {"kind": s.kind, "id": s.id}, "name": s.name, "value": _plain(s.value)}
                for s in self.supposed
            ],
            "judged": self.judged,
            "changes": [change.as_json() for change in self.changes],
        }


def _plain(value: Value) -> Value:
    return value.isoformat() if isinstance(value, date) else value


class _SupposedView(PlantView):
    """A plant some of whose rows are supposed to be otherwise; all that follows from them is computed anew."""

    def __init__(self, view: PlantView, supposed: Sequence[Supposed]) -> None:
        super().__init__(view.folder, view.period, view.at)
        self._supposed = supposed

    def rows(self, record: str) -> tuple[Row, ...]:
        """Return the rows of a record with what is supposed in place."""
        if record in self._rows:
            return self._rows[record]
        found = super().rows(record)
        for one in self._supposed:
            if one.kind == record and not one.is_figure:
                found = tuple(
                    replace(row, values={**row.values, one.name: one.value}) if row.text("id") == one.id else row
                    for row in found
                )
        self._rows[record] = found
        return found


def what_if(
    folder: PlantFolder,
    words: Sequence[str],
    *,
    at: date | None = None,
    progress: Callable[[float], None] | None = None,
) -> WhatIf:
    """Return the verdicts that would change if facts or figures were otherwise.

    Parameters
    ----------
    folder : PlantFolder
    words : sequence of str
        ``DA001.furnace=induction_furnace``, ``site.key_region=yes``, ``DA001.pm=35`` (a figure, in its unit),
        ``DA001.furnace=`` (not known). ``stack/DA001.furnace=…`` where the id alone is not one thing's.
    at : date or None
        As `assess_plant`.
    progress : callable or None

    Raises
    ------
    ForgecastError
        If a word does not name a thing on record and a field or figure of it, or the value does not fit the field.

    Notes
    -----
    A changed fact goes the whole way: what is computed from it (the reference oxygen of a stack) is computed anew. A
    changed figure is one number for every day in place of what was measured.
    """
    tell = progress or (lambda _done: None)
    period, day = period_of(folder, at)
    view = PlantView(folder, period, day)
    before = judge_plant(view, progress=lambda done: tell(0.5 * done))
    supposed = tuple(_supposed(word, view, before.facts.base) for word in words)
    changed = _SupposedView(view, supposed)
    after = judge_plant(
        changed, progress=lambda done: tell(0.5 + 0.5 * done), replaced=partial(_with_figures, supposed=supposed)
    )
    return WhatIf(supposed, len(before.verdicts), changed_verdicts(before.verdicts, after.verdicts))


def changed_verdicts(before: Iterable[Verdict], after: Iterable[Verdict]) -> tuple[VerdictChange, ...]:
    """Return the verdicts whose word or limit differ, in the order of the second list, then those that went."""
    old = {verdict.id: verdict for verdict in before}
    new = {verdict.id: verdict for verdict in after}
    names = [*new, *(name for name in old if name not in new)]
    return tuple(
        VerdictChange(name, old.get(name), new.get(name))
        for name in names
        if _told(old.get(name)) != _told(new.get(name))
    )


def _told(verdict: Verdict | None) -> object:
    if verdict is None:
        return None
    return verdict.word, None if verdict.limit is None else (verdict.limit.value, verdict.limit.layer)


def _supposed(word: str, view: PlantView, base: FactBase) -> Supposed:
    name, equals, value = word.partition("=")
    subject, dot, field = name.strip().rpartition(".")
    if not equals or not dot or not subject or not field:
        raise ForgecastError(
            text("{word} does not say what is supposed to be otherwise", word=word),
            repair=text("write SUBJECT.field=value, as in DA001.furnace=induction_furnace or site.key_region=yes"),
        )
    kind, slash, named = subject.rpartition("/")
    owners = [
        one
        for one in (base.site, *base.subjects)
        if (one.id == named or (one.kind == SITE and named == SITE)) and (not slash or one.kind == kind)
    ]
    if len(owners) != 1:
        raise _no_owner(subject, owners, base)
    (owner,) = owners
    known = records().get(owner.kind)
    fields = {} if known is None else {one.name: one for one in known.fields if not one.key}
    if field in fields and known is not None:
        if not value.strip():
            return Supposed(owner.kind, owner.id, field, None, is_figure=False)
        return Supposed(owner.kind, owner.id, field, _parsed(known, owner, field, value, view.zone), is_figure=False)
    if field in owner.figures:
        return Supposed(owner.kind, owner.id, field, _number(word, value), is_figure=True)
    raise ForgecastError(
        text("{kind} {id} has neither a field nor a figure named {name}", kind=owner.kind, id=owner.id, name=field),
        repair=text("use one of: {names}", names=", ".join([*fields, *owner.figures])),
    )


def _no_owner(subject: str, owners: Sequence[Subject], base: FactBase) -> ForgecastError:
    if owners:
        return ForgecastError(
            text("{name} is the number of more than one thing", name=subject),
            repair=text("write one of: {names}", names=", ".join(f"{one.kind}/{one.id}" for one in owners)),
        )
    return ForgecastError(
        text("no thing on record has the number {name}", name=subject),
        repair=text("use `site` or one of: {names}", names=", ".join(one.id for one in base.subjects) or "—"),
    )


def _parsed(known: Record, owner: Subject, field: str, value: str, zone: str) -> Value:
    keys = [f"{name}={owner.id}" for name in known.key]
    taken, _findings = read_entries(known.name, [entry_of(known.name, [*keys, f"{field}={value}"])], zone)
    return taken[0].columns[field][0]


def _number(word: str, value: str) -> float | None:
    if not value.strip():
        return None
    try:
        return float(value)
    except ValueError:
        raise ForgecastError(
            text("{word}: {value} is no number", word=word, value=value),
            repair=text("write the figure as a plain number in its own unit"),
        ) from None


def _with_figures(base: FactBase, *, supposed: Iterable[Supposed]) -> FactBase:
    """Return facts with the supposed figures in place of what was measured."""
    for one in supposed:
        if not one.is_figure:
            continue

        def with_it(owner: Subject, one: Supposed = one) -> Subject:
            if (owner.kind, owner.id) != (one.kind, one.id):
                return owner
            number = float(one.value) if isinstance(one.value, int | float) else None
            unit = owner.figures[one.name][0].unit
            why = None if number is not None else text("supposed not to be known")
            made = Figure(one.name, number, unit, None, None, Origin(text("as if it were so")), why)
            return replace(owner, figures={**owner.figures, one.name: (made,)})

        base = replace(base, site=with_it(base.site), subjects=tuple(with_it(s) for s in base.subjects))
    return base


def ways_for(folder: PlantFolder, verdicts: Iterable[str], *, at: date | None = None) -> dict[str, WaysToPass]:
    """Return, for each verdict named that is `not met` or `partly`, the smallest changes that would let it pass."""
    period, day = period_of(folder, at)
    return ways_of(judge_plant(PlantView(folder, period, day)), verdicts)


def ways_of(judged: JudgedPlant, verdicts: Iterable[str]) -> dict[str, WaysToPass]:
    """Return ways to pass by the names of verdicts; a word that passes or is not known has none."""
    choices = fact_choices()
    base = judged.facts.base
    books = {book.id: book for book in judged.books}
    by_id = {verdict.id: verdict for verdict in judged.verdicts}
    found: dict[str, WaysToPass] = {}
    for name in verdicts:
        verdict = by_id.get(name)
        if verdict is None:
            continue
        book = books[verdict.book]
        owner = next((s for s in base.of_kind(verdict.subject_kind) if s.id == verdict.subject_id), None)
        if owner is None:
            continue
        requirement = book.requirement(verdict.requirement)
        ways = ways_to_pass(book, requirement, owner, base, judged.policy, choices=choices)
        if ways is not None:
            found[name] = ways
    return found


def fact_choices() -> Mapping[str, tuple[FactValue, ...]]:
    """Return the words each coded field of a record may be turned to, by full name."""
    return {
        name: tuple(choice.code for choice in field.choices if choice.code != OTHER)
        for record in records().values()
        for field in record.fields
        if field.choices and (name := f"{record.name}.{field.name}") not in IDENTITY
    }


def choices_of(folder: PlantFolder) -> list[dict[str, object]]:
    """Return the things on record whose coded facts can be supposed otherwise, each fact with its value and choices.

    Parameters
    ----------
    folder : PlantFolder

    Returns
    -------
    list of dict
        Each with ``kind``, ``id``, ``name`` and ``facts``; a fact has ``field``, ``title``, ``value`` (None where it is
        not known) and ``choices``, each with ``code`` and ``title``. A flag may be yes or no.
    """
    found: list[dict[str, object]] = []
    for kind in SUPPOSABLE:
        known = records()[kind]
        fields = [
            field
            for field in known.fields
            if f"{kind}.{field.name}" not in IDENTITY and (field.choices or field.kind == "flag")
        ]
        for row in folder.records.read(kind):
            name = SITE if kind == SITE else str(row["id"])
            facts = [
                {
                    "field": field.name,
                    "title": _plain_words(field.name, field.header.say("zh")),
                    "value": row[field.name],
                    "choices": [{"code": one.code, "title": _plain_words(one.code, one.zh)} for one in field.choices],
                }
                for field in fields
            ]
            found.append(
                {"kind": kind, "id": name, "name": str(row["name"] or "") if _named(known) else "", "facts": facts}
            )
    return found


def fact_words(name: str, now: str, then: str) -> dict[str, dict[str, object]]:
    """Return the words for a fact by its full name (``stack.furnace``) and for two of its values.

    Returns
    -------
    dict
        ``title``, ``now_words`` and ``then_words``; what no record names stays as it is.
    """
    kind, _, field = name.partition(".")
    known = records().get(kind)
    found = None if known is None else next((one for one in known.fields if one.name == field), None)
    choices = {} if found is None else {one.code: one.zh for one in found.choices}
    choices |= {"true": "是", "false": "否"}

    def words(value: str) -> dict[str, object]:
        return _plain_words(value, choices[value]) if value in choices else verbatim(value).as_json()

    title = _plain_words(field, field if found is None else found.header.say("zh"))
    return {"title": title, "now_words": words(now), "then_words": words(then)}


def _plain_words(code: str, zh: str) -> dict[str, object]:
    return bilingual(code.replace("_", " "), zh).as_json()


def _named(known: Record) -> bool:
    return any(field.name == "name" for field in known.fields)


def supposed_text(one: Supposed) -> Text:
    """Return what is supposed in words."""
    said = text("not known") if one.value is None else verbatim(str(_plain(one.value)))
    return text("{kind} {id}, {name}: {value}", kind=one.kind, id=one.id, name=one.name, value=said)
