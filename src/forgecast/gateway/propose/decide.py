"""What a person decides about a proposal: another field, a unit, the meaning of words, a value for all rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from forgecast.gateway.header import field_names, field_of, folded, nearest, needs_unit
from forgecast.gateway.propose.evidence import Candidate, usual_units
from forgecast.gateway.propose.proposal import ColumnProposal, Confidence, Role, TableProposal
from forgecast.gateway.propose.vocabulary import required, value_word
from forgecast.gateway.record_rows import known_words
from forgecast.ground.errors import ForgecastError, UnitError
from forgecast.ground.texts import text
from forgecast.ground.units import scale, spelled
from forgecast.plant.record import record


def decided(column: ColumnProposal, chosen: Candidate, of: str) -> ColumnProposal:
    """Return a column that feeds a field of a record, with the translations its words need."""
    kind = record(of).field(chosen.field)
    translation, unknown = {}, []
    if kind.kind in {"code", "flag"}:
        known = known_words(kind)
        for word in column.words:
            meant = None if folded(word) in known else value_word(kind, word)
            if meant is not None:
                translation[word] = meant
            elif folded(word) not in known:
                unknown.append(word)
    return replace(
        column, role=Role.FIELD, chosen=chosen, unit=chosen.unit, translation=translation, open_words=tuple(unknown)
    )


def with_field(proposal: TableProposal, index: int, name: str) -> TableProposal:
    """Let a column feed the field a person names; a column that fed it before feeds nothing then.

    Raises
    ------
    ForgecastError
        If the record has no such field.
    """
    kind = record(proposal.record)
    found = field_of(kind, name)
    if found is None:
        close = nearest(name, field_names(kind), 3) or tuple(field.name for field in kind.fields)
        raise ForgecastError(
            text("the record {record} has no field {name}", record=kind.name, name=name),
            repair=text("use one of: {names}", names=", ".join(close)),
        )
    field, column = found[0], _column(proposal, index)
    ranked = [one for one in (column.chosen, *column.others) if one is not None]
    chosen = next((one for one in ranked if one.field == field.name), None)
    if chosen is None:
        unit, units = None, usual_units(field) if needs_unit(field) else ()
        if needs_unit(field) and column.stated_unit is not None and _fits(field.kind, column.stated_unit, field.unit):
            unit, units = column.stated_unit, ()
        chosen = Candidate(field.name, 1.0, 1.0, 0.0, unit, units, (text("somebody said so"),))
    others = tuple(one for one in ranked if one.field != field.name)
    made = replace(decided(column, chosen, kind.name), confidence=Confidence.SURE, others=others)
    freed = tuple(
        _skipped(one) if one.chosen is not None and one.chosen.field == field.name and one.index != index else one
        for one in proposal.columns
    )
    return _with(replace(proposal, columns=freed), made)


def accepted(proposal: TableProposal, index: int) -> TableProposal:
    """Take what is proposed for a column as said by a person."""
    return _with(proposal, replace(_column(proposal, index), confidence=Confidence.SURE))


def skipped(proposal: TableProposal, index: int) -> TableProposal:
    """Leave a column out."""
    return _with(proposal, _skipped(_column(proposal, index)))


def column_headed(proposal: TableProposal, header: str, asked: str) -> ColumnProposal:
    """Return the column of a header as a map names it.

    Raises
    ------
    ForgecastError
        If there is none; `asked` is the option that names it.
    """
    found = [column for column in proposal.columns if folded(column.key) == folded(header)]
    if found:
        return found[0]
    close = nearest(header, [c.key for c in proposal.columns], 3) or tuple(c.key for c in proposal.columns)
    raise ForgecastError(
        text("no column is headed {header}", header=header),
        where=asked,
        repair=text("use one of: {names}", names=", ".join(close)),
    )


def with_unit(proposal: TableProposal, index: int, unit: str) -> TableProposal:
    """Say in which unit a column is written.

    Raises
    ------
    ForgecastError
        If the unit is not known, or the column's field has none or another kind of it.
    """
    column = _column(proposal, index)
    if column.chosen is not None:
        field = record(proposal.record).field(column.chosen.field)
        if not needs_unit(field):
            raise ForgecastError(
                text("the field {field} has no unit", field=field.name), where="--unit", repair=text("leave it out")
            )
        scale(field.kind, unit, field.unit)
        changed = replace(column, unit=unit, chosen=replace(column.chosen, unit=unit), stated_unit=unit)
    else:
        spelled(unit)
        changed = replace(column, unit=unit, stated_unit=unit)
    return _with(proposal, changed)


def with_words(proposal: TableProposal, index: int, meant: Mapping[str, str]) -> TableProposal:
    """Say what words of a column mean.

    Raises
    ------
    ForgecastError
        If a meaning is none of the field's words.
    """
    column = _column(proposal, index)
    assert column.chosen is not None  # noqa: S101  (only a column that feeds a code has words to be explained)
    field = record(proposal.record).field(column.chosen.field)
    allowed = ("true", "false") if field.kind == "flag" else tuple(choice.code for choice in field.choices)
    known = known_words(field)
    read: dict[str, str] = {}
    for word, meaning in meant.items():
        code = known.get(folded(meaning), value_word(field, meaning))
        code = str(code).lower() if isinstance(code, bool) else code
        if code not in allowed:
            raise ForgecastError(
                text("{value} is not one of the words of `{field}`", value=meaning, field=field.name),
                repair=text("use one of: {names}", names=", ".join(allowed)),
            )
        read[word] = str(code)
    left = tuple(word for word in column.open_words if word not in read)
    return _with(proposal, replace(column, translation={**column.translation, **read}, open_words=left))


def with_constant(proposal: TableProposal, name: str, value: str) -> TableProposal:
    """Give a field one value for all rows.

    Raises
    ------
    ForgecastError
        If the record has no such field, or a column feeds it.
    """
    kind = record(proposal.record)
    found = field_of(kind, name)
    if found is None:
        close = nearest(name, field_names(kind), 3) or tuple(field.name for field in kind.fields)
        raise ForgecastError(
            text("the record {record} has no field {name}", record=kind.name, name=name),
            where="--set",
            repair=text("use one of: {names}", names=", ".join(close)),
        )
    field = found[0].name
    columns = tuple(_skipped(c) if c.chosen is not None and c.chosen.field == field else c for c in proposal.columns)
    return replace(proposal, columns=columns, constants={**proposal.constants, field: value})


def with_day_first(proposal: TableProposal, *, day_first: bool) -> TableProposal:
    """Say whether the day stands before the month."""
    return replace(proposal, day_first=day_first, day_open=False)


def _column(proposal: TableProposal, index: int) -> ColumnProposal:
    return next(column for column in proposal.columns if column.index == index)


def _skipped(column: ColumnProposal) -> ColumnProposal:
    others = (*((column.chosen,) if column.chosen is not None else ()), *column.others)
    return replace(
        column, role=Role.NOTHING, chosen=None, others=others, confidence=Confidence.NONE, unit=None, translation={},
        open_words=(),
    )  # fmt: skip


def _with(proposal: TableProposal, changed: ColumnProposal) -> TableProposal:
    columns = tuple(changed if column.index == changed.index else column for column in proposal.columns)
    if proposal.record in {"", "series"}:
        return replace(proposal, columns=columns)
    fed = {column.chosen.field for column in columns if column.chosen is not None}
    if proposal.wide is not None:
        fed |= {"characteristic", "value"}
    absent = [field.name for field in required(proposal.record) if field.name not in fed]
    if proposal.wide is not None and "product" not in fed:
        absent.append("product")
    return replace(proposal, columns=columns, absent=tuple(absent))


def _fits(kind: str, unit: str, wanted: str) -> bool:
    try:
        scale(kind, unit, wanted)
    except UnitError:
        return False
    return True
