"""The pages of docs/reference that are written from the program itself, so that they cannot be wrong for long.

python -m tests.docs.reference            list the pages that are stale
python -m tests.docs.reference --write    write them anew
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from importlib import resources
from pathlib import Path

import click
from click.testing import CliRunner

from forgecast.ground.tables import SourcedTable, read_table
from forgecast.ground.texts import LANGUAGES, Language, Text
from forgecast.ground.units import KINDS
from forgecast.plant.record import Field, Record, records
from forgecast.rules.book import Book, DatedValue, Requirement
from forgecast.rules.expression import ALWAYS
from forgecast.rules.shelf import packaged_books

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "docs" / "reference"
NOTE = "<!-- Written by `make docs` from {source}; edit that, not this page. -->\n"


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _grid(header: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    names = list(header)
    yield _row(names)
    yield _row(["---"] * len(names))
    yield from (_row(row) for row in rows)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.12g}"


def records_page() -> str:
    """Return the page of all records and their fields, in both languages."""
    lines = [
        NOTE.format(source="`src/forgecast/records/*.csv`"),
        "# Records 记录\n",
        "What a plant can keep. A **key** field is part of the row's natural key: a second row with the same key",
        "changes the first one. A value outside the range is a finding and is not taken in. Any column header is",
        "understood that equals the field's name, its Chinese name or one of the other names; its unit may stand in",
        "the header.\n",
        "“键”字段构成记录的自然键：键相同的行更新原有行。超出范围的数值列为问题，不予采用。",
        "列名可用英文名、中文名或别名，计量单位可写在列名中。\n",
        *_grid(
            ("Record", "记录", "Fields"),
            ((f"[{r.name}](#{r.name})", r.title.say("zh"), str(len(r.fields))) for r in records().values()),
        ),
    ]
    for record in records().values():
        lines += ["", f"## {record.name}", "", f"{record.title.say('en')} · {record.title.say('zh')}", ""]
        lines += _grid(("Field", "字段", "Kind and unit", "Needed", "Range", "Meaning", "含义"), _field_rows(record))
    return "\n".join(lines) + "\n"


def _field_rows(record: Record) -> Iterator[tuple[str, ...]]:
    for field in record.fields:
        low, high = _number(field.low), _number(field.high)
        yield (
            f"`{field.name}`",
            "；".join((field.header.say("zh"), *field.aliases)),
            _kind(field),
            "key" if field.key else "yes" if field.required else "",
            f"{low} … {high}" if low or high else "",
            _meaning(field, "en"),
            _meaning(field, "zh"),
        )


def _kind(field: Field) -> str:
    if field.refers:
        return f"[{field.refers}](#{field.refers})"
    kind = field.kind.replace("_", " ") if field.kind in KINDS else field.kind
    return f"{kind} [{field.unit}]" if field.unit else kind


def _meaning(field: Field, language: Language) -> str:
    sentence = field.sentence.say(language)
    if not field.choices:
        return sentence
    words = ", ".join(f"`{c.code}`" if language == "en" else f"{c.zh} `{c.code}`" for c in field.choices)
    return f"{sentence} {words}"


def tables_page() -> str:
    """Return the page of all shipped tables."""
    folder = resources.files("forgecast") / "tables"
    names = sorted(place.name.removesuffix(".csv") for place in folder.iterdir() if place.name.endswith(".csv"))
    lines = [
        NOTE.format(source="`src/forgecast/tables/*.csv`"),
        "# Tables 数据表\n",
        "Values that are no plant's own: factors, heat contents, material data. Every row names its source and how",
        "well it is known: `primary` (read in the instrument's own text), `secondary` (read in a text that cites it),",
        "`unverified` (remembered or inferred; shown, and never decisive).\n",
        "每行均注明来源和可信程度：`primary`（查阅原文）、`secondary`（查阅引用文献）、`unverified`（未核实，仅供显示，不作判定依据）。",
    ]
    for name in names:
        table = read_table(name)
        lines += ["", f"## {name}", "", f"{len(table.rows)} rows.", "", *_grid(*_filled(table))]
    return "\n".join(lines) + "\n"


def _filled(table: SourcedTable) -> tuple[list[str], list[list[str]]]:
    """Return the columns in which anything stands, notes left out, and their cells."""
    columns = [c for c in table.columns if not c.startswith("note") and any(row[c] for row in table)]
    return columns, [[row[column] for column in columns] for row in table]


def rulebooks_page() -> str:
    """Return the page of all shipped rulebooks, with every limit."""
    lines = [
        NOTE.format(source="`src/forgecast/rulebooks/`"),
        "# Rulebooks 规则库\n",
        "Each book is a folder of four files that can be read and corrected without Python: `book.md` (what it is),",
        "`limits.yaml` (every requirement with value, unit, dates, clause, source), `cases.yaml` (a case on each side",
        "of every limit and date) and `CHANGES.md`. A value that is `unverified` never decides a verdict.\n",
    ]
    for book in packaged_books():
        lines += _book(book)
    return "\n".join(lines) + "\n"


def _book(book: Book) -> Iterator[str]:
    yield f"## {book.id}\n"
    yield f"{book.title.say('en')} · {book.title.say('zh')}. Layer: {book.layer}. Version: {book.version}.\n"
    rows = (row for requirement in book.requirements for row in _requirement(requirement))
    yield from _grid(("Requirement", "Clause", "Sentence", "要求", "Force", "Value", "For", "In force", "Known"), rows)
    yield ""


def _requirement(requirement: Requirement) -> Iterator[tuple[str, ...]]:
    said = (f"`{requirement.id}`", _both(requirement.clause), requirement.title.say("en"), requirement.title.say("zh"))
    for value in requirement.values or (None,):
        yield (*said, str(requirement.force), *_value(requirement, value))
        said = ("", "", "", "")


def _both(said: Text) -> str:
    """Return words in both languages, once where they are the same."""
    return " · ".join(dict.fromkeys(said.say(language) for language in LANGUAGES))


def _value(requirement: Requirement, value: DatedValue | None) -> tuple[str, str, str, str]:
    if value is None:
        return "", "", "", ""
    shown = "" if value.value is None else f"{requirement.comparison or ''} {_number(value.value)} {requirement.unit}"
    start, end = value.validity.start, value.validity.end
    dates = " ".join(filter(None, (f"from {start}" if start else "", f"until {end}" if end else "")))
    addressed = "" if value.addressed is ALWAYS else f"`{value.addressed.text}`"
    return shown.strip(), addressed, dates, str(value.confidence)


def commands(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the words of every command below a command, itself first."""
    yield path
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None and not below.hidden:
                yield from commands(below, (*path, name))


def cli_page() -> str:
    """Return the page of all commands: what ``--help`` says, in both languages."""
    from forgecast.app.cli.main import cli

    lines = [
        NOTE.format(source="the commands' own `--help`"),
        "# Commands 命令\n",
        "Every command takes `--lang`; those that show data take `--json`.",
        "Exit codes: 0 done; 1 the answer is no (`assess --strict` and a duty that is not met); 2 the input or the",
        "call is wrong; 3 a defect of Forgecast.\n",
        "退出码：0 完成；1 结论为“否”（`assess --strict` 且有强制要求不符合）；2 输入或调用有误；3 程序缺陷。",
    ]
    for words in commands(cli):
        lines += ["", f"## {' '.join(('forgecast', *words))}"]
        for language in LANGUAGES:
            lines += ["", "```text", _help(cli, words, language), "```"]
    return "\n".join(lines) + "\n"


def _help(cli: click.Command, words: tuple[str, ...], language: Language) -> str:
    runner = CliRunner(env={"FORGECAST_LANG": language, "COLUMNS": "100"})
    answer = runner.invoke(cli, [*words, "--help"], prog_name="forgecast")
    if answer.exit_code:
        message = f"{' '.join(words)} --help left with {answer.exit_code}: {answer.output}"
        raise RuntimeError(message) from answer.exception
    return "\n".join(line.rstrip() for line in answer.output.strip("\n").split("\n"))


_WAYS = {
    "read": "read 查询",
    "figure": "figure 数值",
    "run": "run 计算",
    "change": "change 修改",
}


def api_page() -> str:
    """Return the page of all routes of the API, by area, with the right each needs, in both languages."""
    from forgecast.app.doors.shelf import AREAS, doors
    from forgecast.app.server.description import description

    lines = [
        NOTE.format(source="the doors in `src/forgecast/app/doors` and the routes in `src/forgecast/app/api`"),
        "# API 接口\n",
        "How to call them: [Use the API from a program](../how_to/use_the_api.md). Forms of questions and answers",
        "stand in the description that `forgecast server describe` prints. **Way**: *read* answers at once; *figure*",
        "is worked out and kept (`202` until then); *run* is a job with files; *change* changes records. Routes of an",
        "area begin with `/api/v1/plants/{plant}/`.\n",
        "调用方法见[用程序调用 API](../how_to/use_the_api.zh.md)。问题与回答的格式见 `forgecast server describe`",
        "输出的接口描述。**方式**：*查询*立即回答；*数值*算出后保留（此前返回 `202`）；*计算*为带文件的任务；",
        "*修改*更改记录。各领域的接口均以 `/api/v1/plants/{plant}/` 开头。",
    ]
    for area in AREAS:
        lines += ["", f"## {area}", ""]
        mine = [door for door in doors().values() if door.area == area]
        lines += _grid(
            ("Route 接口", "Way 方式", "Right 权限", "What it is for", "用途"),
            (
                (
                    f"`{'GET' if door.way in {'read', 'figure'} else 'POST'} {door.id}`",
                    _WAYS[door.way],
                    f"`{door.right}`",
                    door.sentence.say("en"),
                    door.sentence.say("zh"),
                )
                for door in mine
            ),
        )
    of_doors = {f"/api/v1/plants/{{plant}}/{name}" for name in doors()}
    lines += ["", "## Me, people, jobs, files 账户、人员、任务、文件", ""]
    lines += _grid(
        ("Route 接口", "Right 权限", "What it is for"),
        (
            (
                f"`{method.upper()} {path}`",
                f"`{one['x-right']}`" if "x-right" in one else "",
                one.get("description", one["summary"]).partition("\n")[0],
            )
            for path, methods in description()["paths"].items()
            if path not in of_doors
            for method, one in methods.items()
        ),
    )
    return "\n".join(lines) + "\n"


PAGES: dict[str, Callable[[], str]] = {
    "records.md": records_page,
    "tables.md": tables_page,
    "rulebooks.md": rulebooks_page,
    "cli.md": cli_page,
    "api.md": api_page,
}


def main(words: list[str]) -> int:
    """Run the command line of this module; return its exit code."""
    stale = []
    for name, page in PAGES.items():
        path, content = REFERENCE / name, page()
        if path.is_file() and path.read_text(encoding="utf-8") == content:
            continue
        if words == ["--write"]:
            path.write_text(content, encoding="utf-8", newline="\n")
        else:
            stale.append(name)
    print(
        "\n".join(f"docs/reference/{name} is stale: run `make docs`" for name in stale)
        or "docs/reference is up to date"
    )
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
