"""The sentences of Forgecast and their Chinese: find them all, compare, and write the catalogue anew.

    python -m tests.docs.texts                    list what is missing, unused or wrong
    python -m tests.docs.texts --write [FILE…]    write zh.po anew, taking translations from it and from the files

A new sentence stands in the catalogue with an empty translation after ``--write``, to be filled in by hand.
"""

from __future__ import annotations

import ast
import re
import string
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.pofile import normalize, read_po

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "forgecast"
CATALOGUE = SOURCE / "texts" / "zh.po"
MARKS = "forgecast.ground.texts"

CHINESE = re.compile(r"[\u4e00-\u9fff]")
WORD = re.compile(r"[A-Za-z]{2,}")
#: Names that are the same in both languages.
NAMES = re.compile(r"Forgecast|SHA-256|SQLite|PostgreSQL|Parquet")
HEADER = """# Chinese texts of Forgecast.
# One entry for every sentence marked with text("…") in src/; tests/docs/test_texts.py holds both together.
# Written by `make texts`; edit only the lines msgstr.
msgid ""
msgstr ""
"Project-Id-Version: forgecast\\n"
"Language: zh\\n"
"Language-Team: Forgecast\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"
"""


@dataclass(frozen=True)
class Sentence:
    """A marked sentence: English, its Chinese if the code gives it, the values it gets, and where it stands.

    `values` is None where the call passes them on with ``**``, and empty where a label gets them later.
    """

    english: str
    chinese: str | None
    values: frozenset[str] | None
    place: str


@dataclass(frozen=True)
class Extract:
    """All marked sentences of a source tree, and the calls that cannot be read."""

    sentences: tuple[Sentence, ...]
    unreadable: tuple[str, ...]


def extract(source: Path) -> Extract:
    """Read every ``text(…)`` and ``bilingual(…)`` call below a folder; nothing is run."""
    sentences, unreadable = [], []
    for path in sorted(source.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        marks = _marks(tree)
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            mark = marks.get(ast.unparse(call.func))
            if mark is None:
                continue
            place = f"src/forgecast/{path.relative_to(source).as_posix()}:{call.lineno}"
            wanted = {"text": 1, "bilingual": 2}[mark]
            literals = [arg.value for arg in call.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
            passed_on = any(word.arg is None for word in call.keywords)
            values = None if passed_on else frozenset(str(word.arg) for word in call.keywords)
            if len(literals) == len(call.args) == wanted:
                sentences.append(Sentence(literals[0], literals[1] if wanted == 2 else None, values, place))
            elif mark == "text":  # a bilingual text may come from data; a sentence for the catalogue may not
                unreadable.append(f"{place}: text(…) takes one plain string and named values")
    return Extract(tuple(sentences), tuple(unreadable))


def _marks(tree: ast.Module) -> dict[str, str]:
    """Return how a module calls the two marking functions."""
    marks = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == MARKS:
            marks |= {a.asname or a.name: a.name for a in node.names if a.name in {"text", "bilingual"}}
        elif isinstance(node, ast.ImportFrom) and node.module == MARKS.rpartition(".")[0]:
            for alias in node.names:
                if alias.name == "texts":
                    name = alias.asname or "texts"
                    marks |= {f"{name}.text": "text", f"{name}.bilingual": "bilingual"}
    return marks


def placeholders(template: str) -> frozenset[str]:
    """Return the names of a template's placeholders."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(template) if name is not None)


def read(*files: Path) -> dict[str, str]:
    """Return English -> Chinese of catalogues, a later one going before an earlier; fuzzy entries are left out."""
    found: dict[str, str] = {}
    for file in files:
        with file.open("rb") as opened:
            catalogue = read_po(opened, locale="zh", charset="utf-8")
        found |= {str(m.id): str(m.string) for m in catalogue if m.id and m.string and not m.fuzzy}
    return found


def wrong_pair(english: str, chinese: str) -> str:
    """Return what is wrong with a translation, or an empty string."""
    try:
        wanted, got = placeholders(english), placeholders(chinese)
    except ValueError as broken:
        return f"a brace is left open ({broken})"
    if wanted != got:
        return f"the placeholders are {sorted(got)}, and {sorted(wanted)} in English"
    if not CHINESE.search(chinese) and WORD.search(NAMES.sub("", re.sub(r"\{[^}]*\}", "", english))):
        return "the Chinese holds no Chinese"
    return ""


def defects(found: Extract, chinese: dict[str, str]) -> list[str]:
    """Return all that parts the sentences of the source from the catalogue, one line each."""
    lines = list(found.unreadable)
    for sentence in found.sentences:
        quoted = f"{sentence.place}: {sentence.english!r}"
        translation = sentence.chinese if sentence.chinese is not None else chinese.get(sentence.english)
        if translation is None:
            lines.append(f"{quoted}: missing in the catalogue")
        elif wrong := wrong_pair(sentence.english, translation):
            lines.append(f"{quoted}: {wrong}")
        elif sentence.values and (lost := placeholders(sentence.english) - sentence.values):
            lines.append(f"{quoted}: no value is given for {sorted(lost)}")
    used = {sentence.english for sentence in found.sentences if sentence.chinese is None}
    lines += [f"zh.po: {english!r}: unused" for english in chinese if english not in used]
    return lines


def entries(found: Extract, chinese: dict[str, str]) -> Iterator[str]:
    """Yield the entries of the catalogue, sorted by the file where a sentence first stands."""
    first: dict[str, list[str]] = {}
    for sentence in found.sentences:
        if sentence.chinese is None:
            file = sentence.place.rpartition(":")[0]
            files = first.setdefault(sentence.english, [])
            if file not in files:
                files.append(file)
    for english, files in sorted(first.items(), key=lambda item: (item[1][0], item[0])):
        where = "".join(f"#: {file}\n" for file in files)
        yield f"{where}msgid {normalize(english, width=116)}\nmsgstr {normalize(chinese.get(english, ''), width=116)}\n"


def main(words: Iterable[str]) -> int:
    """Run the command line of this module; return its exit code."""
    write, *files = [*words] or [""]
    found = extract(SOURCE)
    chinese = read(CATALOGUE, *map(Path, files))
    if write == "--write":
        CATALOGUE.write_text("\n".join([HEADER, *entries(found, chinese)]), encoding="utf-8", newline="\n")
        chinese = read(CATALOGUE)
    lines = defects(found, chinese)
    print("\n".join(lines) or f"all {len({s.english for s in found.sentences})} sentences have their Chinese")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
