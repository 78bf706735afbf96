"""A proposal as a map file: what is taken, why, and what a person still has to say, in both languages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence

from forgecast.gateway.header import split_unit
from forgecast.gateway.propose.proposal import (
    CONFIDENCE_TEXTS,
    ColumnProposal,
    Confidence,
    Role,
    TableProposal,
    WideProposal,
)
from forgecast.ground.texts import Text, text
from forgecast.plant.record import record

SERIES = "series"


def written_map(proposals: Sequence[TableProposal]) -> str:
    """Return the map file of the tables for which something is proposed; its entries in their order."""
    lines = [
        *_remark(text("Proposed by `forgecast plant map` from headers, units and values. Read it before you use it.")),
        *_remark(text("A line that begins with # is not used: it waits for somebody who knows.")),
    ]
    for proposal in proposals:
        if proposal.record:
            lines += ["", *_entry(proposal)]
    return "\n".join(lines) + "\n"


def pattern_of(name: str) -> str:
    """Return a pattern that fits a file and its like: its name, with every number in it replaced by ``*``."""
    literal = re.sub(r"[\[\]?*]", lambda found: "?" if found[0] in "*?" else f"[{found[0]}]", name)
    stem, dot, ending = literal.rpartition(".")
    if not dot:
        return re.sub(r"\d+([-_.年月日]\d+)*", "*", literal)
    return re.sub(r"\d+([-_.年月日]\d+)*", "*", stem) + dot + ending


def quoted(word: str) -> str:
    """Return a word as a TOML basic string."""
    return json.dumps(word, ensure_ascii=False).replace("\x7f", "\\u007f")


def _remark(sentence: Text) -> tuple[str, str]:
    return f"# {_line(sentence.say('en'))}", f"# {_line(sentence.say('zh'))}"


def _both(sentence: Text) -> str:
    return f"{_line(sentence.say('en'))}  {_line(sentence.say('zh'))}"


def _line(words: str) -> str:
    """Return words as they may stand in a remark: no line breaks or other signs that TOML does not take there."""
    return re.sub(r"[\x00-\x1f\x7f]+", " ", words)


def _entry(proposal: TableProposal) -> list[str]:
    lines = ["[[file]]", f"match = {quoted(pattern_of(proposal.file))}"]
    if proposal.sheet:
        lines.append(f"sheet = {_pattern(proposal.sheet)}")
    if proposal.record != SERIES:
        title = record(proposal.record).title
        lines.append(f"record = {quoted(proposal.record)} # {title.say('zh')}")
    lines.append(f"header_row = {proposal.header_row}")
    if proposal.first_row != proposal.header_row + 1:
        lines.append(f"first_row = {proposal.first_row}")
    columns = [column for column in proposal.columns if column.role is Role.FIELD]
    left = _ignored(proposal)
    if left:
        lines.append(f"ignore = [{', '.join(quoted(column.key) for column in left)}]")
    joined = [column for column in columns if column.parts]
    if joined:
        lines += ["", *_remark(text("Date and time of day stand in columns of their own.")), "[file.join]"]
        lines += [f"{quoted(c.key)} = [{', '.join(quoted(part) for part in c.parts)}]" for c in joined]
    lines += _series(proposal) if proposal.record == SERIES else _columns(columns)
    lines += _odd(columns)
    lines += _constants(proposal)
    lines += _values(proposal, columns)
    lines += _missing(proposal)
    lines += _time(proposal)
    if proposal.wide is not None:
        lines += _wide(proposal, proposal.wide)
    return lines


def _ignored(proposal: TableProposal) -> list[ColumnProposal]:
    """Return the columns left out; one that only lacks its unit is not, so that every import reminds of it."""
    return [
        column
        for column in proposal.columns
        if column.role in {Role.NOTHING, Role.FIELD}
        and not column.is_taken
        and not column.unit_open
        and not column.parts
    ]


def _columns(columns: Iterable[ColumnProposal]) -> list[str]:
    lines = ["", "[file.columns]"]
    for column in columns:
        if column.chosen is None:
            continue
        remark = _both(CONFIDENCE_TEXTS[column.confidence])
        if column.confidence is not Confidence.SURE and column.chosen.reasons:
            remark = f"{remark}: {_both(column.chosen.reasons[0])}"
        if column.unit_open:
            units = " / ".join(column.chosen.units)
            lines += _remark(text("its unit is not told; plausible are {units}", units=units))
            target = f'{{ field = {quoted(column.chosen.field)}, unit = "" }}'
        elif column.unit is not None:
            target = f"{{ field = {quoted(column.chosen.field)}, unit = {quoted(column.unit)} }}"
        else:
            target = quoted(column.chosen.field)
        line = f"{quoted(column.key)} = {target} # {remark}"
        lines.append(line if column.is_taken else f"# {line}")
    return lines


def _series(proposal: TableProposal) -> list[str]:
    time = next((column for column in proposal.columns if column.role is Role.TIME), None)
    lines = ["", *_remark(text("Say of each tag what it measures; see `forgecast plant fields tag`."))]
    lines.append("[file.series.columns]")
    tags = [column for column in proposal.columns if column.role is Role.TAG]
    names = [_tag_name(column.key) for column in tags]
    for column, name in zip(tags, names, strict=True):
        tag = name if names.count(name) == 1 else f"{name} {column.index + 1}"
        unit = f", unit = {quoted(column.unit)}" if column.unit else ""
        line = f"{quoted(column.key)} = {{ tag = {quoted(tag)}{unit} }}"
        lines.append(line if column.unit else f"{line} # {_both(text('its unit is not told'))}")
    if time is not None:
        lines += [
            "", *_remark(text("Does a stamp name the end of its interval (end), its start, or an instant?")),
            "[file.time]", f"column = {quoted(time.key)}", '# label = "end"',
        ]  # fmt: skip
    return lines


def _tag_name(key: str) -> str:
    return re.sub(r"\s*[(（\[].*$", "", key).strip() or key


def _constants(proposal: TableProposal) -> list[str]:
    if not proposal.constants and not proposal.missing:
        return []
    lines = ["", "[file.constants]"]
    lines += [f"{name} = {quoted(value)}" for name, value in proposal.constants.items()]
    for name in proposal.missing:
        lines.append(f'# {name} = "" # {_both(text("every row needs it, and no column was found for it"))}')
    return lines


def _odd(columns: Sequence[ColumnProposal]) -> list[str]:
    found = [column for column in columns if column.names_things and column.odd]
    if not found:
        return []
    remark = text("These look unlike the others of their column. Are their rows no pieces, but a master or a blank?")
    lines = ["", *_remark(remark), "# [file.leave_out]"]
    return lines + [f"# {quoted(c.key)} = [{', '.join(quoted(word) for word in c.odd)}]" for c in found]


def _values(proposal: TableProposal, columns: Sequence[ColumnProposal]) -> list[str]:
    lines: list[str] = []
    for column in columns:
        if column.chosen is None or not (column.translation or column.open_words):
            continue
        field = record(proposal.record).field(column.chosen.field)
        words = ", ".join(f"{quoted(word)} = {quoted(code)}" for word, code in column.translation.items())
        if column.open_words:
            choices = ", ".join(c.code for c in field.choices) or "true, false"
            shown = ", ".join(column.open_words[:12])
            lines += _remark(
                text("{column}: what do these mean? {words}. They may be: {choices}",
                     column=column.key, words=shown, choices=choices)
            )  # fmt: skip
            if not words:
                open_ones = ", ".join(f'{quoted(word)} = ""' for word in column.open_words[:12])
                lines.append(f"# {field.name} = {{ {open_ones} }}")
        if words:
            lines.append(f"{field.name} = {{ {words} }}")
    return ["", "[file.values]", *lines] if lines else []


def _missing(proposal: TableProposal) -> list[str]:
    found = [column for column in proposal.columns if column.stand_ins]
    if not found:
        return []
    lines = ["", *_remark(text("Numbers far from all others of their column; taken as no value.")), "[file.missing]"]
    for column in found:
        numbers = ", ".join(f"{value:.10g}" for value, _ in column.stand_ins)
        counts = ", ".join(str(count) for _, count in column.stand_ins)
        lines.append(f"{quoted(column.key)} = [{numbers}] # {counts} ×")
    return lines


def _time(proposal: TableProposal) -> list[str]:
    if proposal.day_first is None and not proposal.day_open:
        return []
    head = [] if proposal.record == SERIES else ["", "[file.time]"]
    if proposal.day_first is None:
        return [
            *head, *_remark(text("Nothing in the dates shows which part is the day: true or false?")),
            "# day_first = true",
        ]  # fmt: skip
    shown = text("a day above 12 stands first") if proposal.day_first else text("a day above 12 stands second")
    return [*head, f"day_first = {str(proposal.day_first).lower()} # {_both(shown)}"]


def _wide(proposal: TableProposal, wide: WideProposal) -> list[str]:
    names = [column.key for column in proposal.columns if column.role is Role.DIMENSION]
    lines = ["", *_remark(text("One row a piece, one column a dimension.")), "[file.wide]"]
    lines.append(f"columns = [{', '.join(_pattern(name) for name in names)}]")
    for name, row in (("nominal", wide.nominal), ("upper", wide.upper), ("lower", wide.lower)):
        if row is not None:
            lines.append(f"{name} = {row}")
    if wide.upper is not None or wide.lower is not None:
        lines.append(f'limits = "{"deviation" if wide.deviation else "absolute"}"')
    if wide.unread:
        rows = ", ".join(str(row) for row in wide.unread)
        lines += _remark(text("What do the rows {rows} hold: nominal values, lower and upper limits?", rows=rows))
    return lines + _dimension_units([c for c in proposal.columns if c.role is Role.DIMENSION])


def _dimension_units(columns: Sequence[ColumnProposal]) -> list[str]:
    """Return the table of units; a header that tells its own needs no line."""
    said = [column for column in columns if column.unit is not None and split_unit(column.key)[1] is None]
    bare = [column for column in columns if column.unit is None]
    lines = ["", "[file.wide.units]"] if said else []
    lines += [f"{_pattern(column.key)} = {quoted(column.unit or '')}" for column in said]
    if bare:
        lines += ["", *_remark(text("Units of the dimensions; the table does not tell them."))]
        lines += [] if said else ["# [file.wide.units]"]
        lines += [f'# {_pattern(column.key)} = ""' for column in bare]
    return lines


def _pattern(name: str) -> str:
    """Return a pattern that only this name fits."""
    return quoted(re.sub(r"[*?]", "?", name).replace("[", "[[]"))
