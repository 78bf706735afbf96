"""The assessment on a terminal: the same content as the report, in 80 columns or more, with or without colour."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text as Line
from rich.tree import Tree

from forgecast.app.report.card import VerdictCard, WhyNode, card_of
from forgecast.app.report.content import Report, content_of
from forgecast.app.report.figure import FigureRow, spark
from forgecast.app.report.quality import QualityGroup, quality_groups
from forgecast.app.report.settle import RecordGroup
from forgecast.app.report.words import label
from forgecast.ground.dates import CHINA
from forgecast.ground.finding import Finding
from forgecast.ground.texts import Language, text
from forgecast.rules.verdict import Verdict
from forgecast.tasks.assessment import Assessment

_STYLES = {
    "not-met": "bold red",
    "partly": "yellow",
    "not-known": "cyan",
    "met": "green",
    "not-applicable": "dim",
    "refused": "bold red",
    "doubtful": "yellow",
    "note": "cyan",
}
#: Signs of one column on every terminal, Chinese ones included, where a half-filled circle may take two.
_SIGNS = {"not-met": "✗", "partly": "~", "not-known": "?", "met": "✓", "not-applicable": "-"}
_ASCII_SIGNS = {**_SIGNS, "not-met": "x", "met": "+"}
_ASCII_BLOCKS = str.maketrans("▁▂▃▄▅▆▇█·→↗↘", "__..--^^ >/\\")
_SOFT = "dim"
_COLONS: dict[Language, str] = {"en": ": ", "zh": "："}
#: What may not stand at the beginning of a line of Chinese.
_NEVER_FIRST = "，。；：、！？）》」』”’%…"

_PIECES = re.compile(
    r"[\u2e80-\u9fff\uff00-\uffef\u3000-\u303f]\s*|[^\s\u2e80-\u9fff\uff00-\uffef\u3000-\u303f]+\s*|\s+"
)

_MOST_GROUPS, _MOST_PLACES, _MOST_CARDS, _MOST_WAITING, _MOST_FILES, _MOST_CITATIONS = 10, 2, 15, 3, 6, 8


def show_assessment(assessment: Assessment, console: Console, language: Language, *, plant_path: str = "PLANT") -> None:
    """Print an assessment: data quality first, then what is not met, what is not known, figures and sources.

    Parameters
    ----------
    assessment : Assessment
    console : rich.console.Console
    language : Language
    plant_path : str
        The plant folder as the user named it, for the commands shown at the end.
    """
    report = content_of(assessment, language)
    _title(report, console)
    _quality(report, console)
    _section(console, report.labels["not_met"], len(report.not_met))
    _cards(report.not_met, console, report, none=report.labels["none_not_met"])
    if report.partly:
        _section(console, report.labels["partly"], len(report.partly))
        _cards(report.partly, console, report, none="")
    _section(console, report.labels["not_known"], report.open_count)
    _records(report.not_known, console, report)
    _section(console, report.labels["figures"])
    _figures(report, console)
    _section(console, report.labels["sources"])
    _sources(report, console)
    _next_steps(report, console, plant_path)


def show_findings(findings: Sequence[Finding], console: Console, language: Language) -> None:
    """Print every finding with every place, grouped so that one repair cures many."""
    groups = quality_groups(findings, language)
    if not groups:
        _say(console, label("no_findings", language), _SOFT)
    for group in groups:
        _group(group, console, language, places=None)


def show_why(verdict: Verdict, console: Console, language: Language, *, zone: str = CHINA) -> None:
    """Print how a verdict came about: the word, the figure and its limit, then the tree down to file and row."""
    card = card_of(verdict, language, zone)
    head = Line()
    head.append(f"{_sign(card.key, console)} {card.word}", _STYLES[card.key])
    head.append(f"  {card.title}", "bold")
    console.print(head)
    facts = (
        ("subject", card.subject),
        ("clause", " · ".join(part for part in (card.clause, card.source, card.layer, card.force) if part)),
        ("worst_value", card.value),
        ("limit", " · ".join(part for part in (card.limit, card.basis) if part and part != "—")),
        ("confidence", " · ".join(part for part in (card.confidence, card.caution) if part)),
        ("hours_over", " · ".join(part for part in (card.hours_over, card.coverage) if part)),
        ("reasons", "\n".join(card.reasons)),
        ("missing", "\n".join(card.missing)),
    )
    grid = _grid()
    grid.add_column(style=_SOFT, no_wrap=True)
    grid.add_column(ratio=1)
    for name, value in facts:
        if value and value != "—":
            grid.add_row(label(name, language), Line(_plain(value)))
    console.print(Padding(grid, (0, 0, 1, 2)))
    if card.stretches:
        _stretches(card, console, language, zone)
    tree = Tree(_node(card.why), guide_style=_SOFT)
    _grow(tree, card.why.children)
    console.print(Padding(tree, (0, 0, 0, 2), expand=False))
    console.print(Line(f"  {card.id}", _SOFT, overflow="fold"))
    console.print()


def _title(report: Report, console: Console) -> None:
    console.print()
    console.print(Line.assemble((report.plant, "bold"), ("  ·  ", _SOFT), report.labels["assessment"]))
    period = f"{report.labels['period']} {report.period}  ·  {report.labels['judged']} {report.judged_iso}"
    _say(console, period, _SOFT)
    if report.synthetic:
        _say(console, report.labels["synthetic"], "bold yellow")
    console.print()
    for sentence in report.summary:
        _say(console, sentence)
    console.print()
    grid = Table.grid(padding=(0, 4, 0, 0))
    grid.add_row(*(Line(str(count.number), _STYLES[count.key] if count.number else _SOFT) for count in report.counts))
    grid.add_row(*(Line(f"{_sign(count.key, console)} {count.word}", _STYLES[count.key]) for count in report.counts))
    console.print(Padding(grid, (0, 0, 0, 2), expand=False))


def _quality(report: Report, console: Console) -> None:
    _section(console, report.labels["quality"], len(report.quality))
    if not report.quality:
        _say(console, report.labels["no_findings"], _SOFT, indent=2)
    for group in report.quality[:_MOST_GROUPS]:
        _group(group, console, report.language, places=_MOST_PLACES)
    _and_more(console, len(report.quality) - _MOST_GROUPS, report.language)


def _group(group: QualityGroup, console: Console, language: Language, *, places: int | None) -> None:
    grid = _grid()
    grid.add_column(justify="right", width=7, no_wrap=True)
    grid.add_column(ratio=1)
    what = Line.assemble((f"{group.severity}{_COLONS[language]}", _STYLES[group.severity_key]), _plain(group.what))
    grid.add_row(Line(group.count, "bold"), what)
    for line in group.places[:places]:
        value = f' "{line.value}"' if line.value else ""
        times = f" ×{line.count}" if len(group.places) > 1 else ""
        grid.add_row("", Line(f"{line.place}{value}{times}", _SOFT, overflow="fold"))
        if line.reason:
            grid.add_row("", Line(f"  {_plain(line.reason)}", _SOFT))
    if places is not None and len(group.places) > places:
        left = text("… and more places: {left}", left=len(group.places) - places)
        grid.add_row("", Line(left.say(language), _SOFT))
    for repair in group.repairs:
        grid.add_row("", Line(f"→ {_plain(repair)}"))  # a `[kg]` in it is no markup
    console.print(grid)


def _cards(cards: Sequence[VerdictCard], console: Console, report: Report, *, none: str) -> None:
    if not cards:
        _say(console, none, _SOFT, indent=2)
    shown = cards[:_MOST_CARDS]
    widths = [max((cell_len(_plain(getattr(card, name))) for card in shown), default=1) for name in ("value", "limit")]
    for card in shown:
        grid = _grid(card_gap=1)
        grid.add_column(width=1)
        grid.add_column(ratio=1)
        grid.add_column(justify="right", width=widths[0] + 1, no_wrap=True)
        grid.add_column(justify="right", width=widths[1] + 1, no_wrap=True)
        style = _STYLES[card.key]
        title = Line(_plain(card.title), "bold")
        if card.force_key != "duty":
            title.append(f" ({card.force})", _SOFT)
        value = "" if card.value == card.limit == "—" else _plain(card.value)
        grid.add_row(
            Line(_sign(card.key, console), style), title, Line(value, style), "" if not value else _plain(card.limit)
        )
        console.print(grid)
        _say(console, f"{card.subject} · {card.clause}", indent=4)
        over = [f"{report.labels['hours_over']} {card.hours_over}", card.worst_hour, card.coverage]
        said = " · ".join(part for part in over if part) if card.stretches else ""
        for sentence in [said] if said else card.reasons[:2]:
            _say(console, sentence, indent=4)
        for missing in card.missing:
            _say(console, f"{report.labels['missing']}{_COLONS[report.language]}{missing}", indent=4)
        console.print(Padding(Line(card.id, _SOFT, overflow="fold"), (0, 0, 0, 4), expand=False))
    _and_more(console, len(cards) - len(shown), report.language)


def _records(groups: Sequence[RecordGroup], console: Console, report: Report) -> None:
    if not groups:
        _say(console, report.labels["none_not_known"], _SOFT, indent=2)
    for group in groups[:_MOST_GROUPS]:
        grid = _grid()
        grid.add_column(justify="right", width=4, no_wrap=True)
        grid.add_column(ratio=1)
        grid.add_row(Line(str(group.waiting), "bold cyan"), Line(_plain(group.record or group.reason), "bold"))
        grid.add_row("", Line(group.tally, _SOFT))
        for card in group.cards[:_MOST_WAITING]:
            grid.add_row("", Line(card.id, overflow="fold"))
        if len(group.cards) > _MOST_WAITING:
            left = text("… and more: {left}", left=len(group.cards) - _MOST_WAITING)
            grid.add_row("", Line(left.say(report.language), _SOFT))
        console.print(grid)
    _and_more(console, len(groups) - _MOST_GROUPS, report.language)


def _figures(report: Report, console: Console) -> None:
    if not report.figures:
        _say(console, report.labels["no_figures"], _SOFT, indent=2)
        return
    labels = report.labels
    rows = [row for group in report.figures for row in group.rows]
    heads = (labels["value"], labels["change"])
    values = [(_plain(row.value), _plain(f"{row.arrow} {row.change}".strip())) for row in rows]
    widths = [max(cell_len(pair[i]) for pair in (heads, *values)) for i in (0, 1)]
    head = _figure_grid(widths)
    head.add_row(*(Line(name, _SOFT) for name in (labels["figure"], labels["trend_short"], *heads)))
    console.print(head)
    for row, (value, change) in zip(rows, values, strict=True):
        grid = _figure_grid(widths)
        grid.add_row(Line(_plain(row.title)), _drawn(row, console), Line(value, "bold"), _arrows(change, console))
        console.print(grid)
        if row.why_missing:
            _say(console, row.why_missing, "yellow", indent=4)


def _figure_grid(widths: Sequence[int]) -> Table:
    grid = _grid()
    grid.add_column(ratio=1)
    grid.add_column(width=12 + 2, no_wrap=True)
    grid.add_column(justify="right", width=widths[0] + 2, no_wrap=True)
    grid.add_column(justify="right", width=widths[1], no_wrap=True)
    return grid


def _drawn(row: FigureRow, console: Console) -> str:
    return _arrows(spark(row.trend[-12:]), console)


def _arrows(drawn: str, console: Console) -> str:
    return drawn.translate(_ASCII_BLOCKS) if console.options.ascii_only else drawn


def _sources(report: Report, console: Console) -> None:
    labels = report.labels
    grid = _grid()
    grid.add_column(ratio=1)
    grid.add_column(justify="right", no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_row(*(Line(labels[name], _SOFT) for name in ("file", "rows", "sha256")))
    for file in report.files[:_MOST_FILES]:
        grid.add_row(Line(file.name, overflow="fold"), file.rows, Line(file.sha256[:12], _SOFT))
    if report.files:
        console.print(grid)
    else:
        _say(console, labels["no_files"], _SOFT, indent=2)
    _and_more(console, len(report.files) - _MOST_FILES, report.language)
    console.print()
    for citation in report.citations[:_MOST_CITATIONS]:
        what = " · ".join(part for part in (citation.what, citation.edition, citation.confidence) if part)
        line = _grid(card_gap=1)
        line.add_column(width=1)
        line.add_column(ratio=1)
        line.add_row("-", Line(what, "yellow" if citation.confidence_key == "unverified" else ""))
        console.print(line)
    _and_more(console, len(report.citations) - _MOST_CITATIONS, report.language)


def _next_steps(report: Report, console: Console, plant_path: str) -> None:
    language = report.language
    _section(console, text("What to do next").say(language))
    first = next((card.id for card in (*report.not_met, *report.partly)), "")
    if not first and report.not_known:
        first = report.not_known[0].cards[0].id
    plant = f'"{plant_path}"' if " " in plant_path else plant_path
    steps = [
        (f"forgecast why {plant} {first or 'VERDICT-ID'}", text("how a verdict came about, down to file and row")),
        (f"forgecast assess {plant} --report report.pdf", text("a report to hand on (.pdf or .html)")),
    ]
    for command, meaning in steps:
        _say(console, meaning.say(language), _SOFT, indent=2)
        console.print(Padding(Line(command, overflow="fold"), (0, 0, 0, 4), expand=False))
    console.print()


def _stretches(card: VerdictCard, console: Console, language: Language, zone: str) -> None:
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style=_SOFT)
    table.add_column(f"{label('from', language)} ({zone})", no_wrap=True)
    table.add_column(label("to", language), no_wrap=True)
    table.add_column(label("hours", language), justify="right")
    table.add_column(label("worst", language), justify="right", no_wrap=True)
    for stretch in card.stretches:
        table.add_row(stretch.start, stretch.end, stretch.hours, _plain(stretch.worst))
    console.print(Padding(table, (0, 0, 1, 2), expand=False))
    if card.more_stretches:
        _say(console, card.more_stretches, _SOFT, indent=2)


def _grow(tree: Tree, nodes: Sequence[WhyNode]) -> None:
    for node in nodes:
        _grow(tree.add(_node(node)), node.children)


def _node(node: WhyNode) -> Line:
    line = Line(overflow="fold")
    line.append(f"{node.kind_text}  ", _STYLES["not-known"] if node.kind == "missing" else _SOFT)
    line.append(_plain(node.what))
    if node.value:
        line.append(f"  {_plain(node.value)}", "bold")
    if node.place:
        line.append(f"  [{node.place}]", _SOFT)
    return line


def _section(console: Console, title: str, number: int | None = None) -> None:
    console.print()
    name = Line(title, "bold")
    if number is not None:
        name.append(f"  {number}", _SOFT)
    console.print(Rule(name, align="left", style=_SOFT))


def _and_more(console: Console, left: int, language: Language) -> None:
    if left > 0:
        _say(console, text("… and more: {left}; the report has all of them", left=left).say(language), _SOFT, indent=2)


def _grid(card_gap: int = 2) -> Table:
    return Table.grid(expand=True, padding=(0, card_gap, 0, 0), pad_edge=False)


def _say(console: Console, sentence: str, style: str = "", *, indent: int = 0) -> None:
    for paragraph in _plain(sentence).split("\n"):
        for line in _wrapped(paragraph, max(20, console.width - indent)):
            console.print(Line(" " * indent + line, style, no_wrap=True, overflow="ignore"), crop=False)


def _wrapped(sentence: str, width: int) -> list[str]:
    """Break a sentence at blanks or between Chinese characters, which have no blanks between them."""
    lines = [""]
    for piece in _PIECES.findall(sentence):
        joined = lines[-1] + piece
        if cell_len(joined.rstrip()) <= width or not lines[-1] or piece[0] in _NEVER_FIRST:
            lines[-1] = joined
        else:
            lines.append(piece)
    return [line.rstrip() for line in lines]


def _sign(key: str, console: Console) -> str:
    return (_ASCII_SIGNS if console.options.ascii_only else _SIGNS)[key]


def _plain(sentence: str) -> str:
    """Return a sentence with blanks that survive copying into a shell or a spreadsheet."""
    return sentence.replace("\u00a0", " ")
