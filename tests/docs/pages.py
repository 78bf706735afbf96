"""The pages of the repository: their links, headings and commands."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
#: Lines of a console block that install something; they are proven by the installation itself.
INSTALLING = ("make ", "source ", "python -m pip ", "py ")

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Command:
    """A command of a console block and the output lines that follow it."""

    words: str
    output: tuple[str, ...]


def pages() -> list[Path]:
    """Return every Markdown page of the repository that is its own."""
    above = sorted(ROOT.glob("*.md"))
    below = sorted(path for folder in ("docs", "examples", "src") for path in (ROOT / folder).rglob("*.md"))
    return above + below


def name(page: Path) -> str:
    """Return a page's path from the root."""
    return page.relative_to(ROOT).as_posix()


def links(content: str) -> list[str]:
    """Return the targets of all links and pictures, code and comments left out."""
    plain = re.sub(r"<!--.*?-->", "", _FENCE.sub("", content), flags=re.DOTALL)
    return _LINK.findall(re.sub(r"`[^`\n]*`", "", plain))


def anchors(content: str) -> set[str]:
    """Return the anchors that the headings of a page make."""
    headings = re.findall(r"^#{1,6} +(.+?)\s*$", _FENCE.sub("", content), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken_links(page: Path, content: str) -> list[str]:
    """Return the relative links of a page that lead nowhere."""
    broken = []
    for link in links(content):
        target, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        place = (page.parent / target).resolve() if target else page
        if not place.exists():
            broken.append(link)
        elif anchor and place.suffix == ".md":
            there = content if place == page else place.read_text(encoding="utf-8")
            if anchor not in anchors(there):
                broken.append(link)
    return broken


def commands(content: str) -> list[Command]:
    """Return the commands of all console blocks, in order."""
    found: list[Command] = []
    for language, block in _FENCE.findall(content):
        if language != "console":
            continue
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append(Command(line[2:], ()))
            elif line.strip():
                found[-1] = Command(found[-1].words, (*found[-1].output, line))
    return found


def blocks(content: str, language: str) -> list[str]:
    """Return the code blocks of one language."""
    return [block for found, block in _FENCE.findall(content) if found == language]


def of_the_demo(page: str) -> list[Command]:
    """Return the commands of a how-to page that ask the demo's plant; the one that makes it is left out."""
    content = (ROOT / "docs" / "how_to" / page).read_text(encoding="utf-8")
    return [command for command in commands(content) if not command.words.startswith("forgecast demo")]


def run_on_the_demo(page: str, run: Callable[..., tuple[int, str, str]]) -> None:
    """Run the commands of a how-to page; each must end well and print the lines that the page shows."""
    for command in of_the_demo(page):
        code, out, err = run(*shlex.split(command.words)[1:])
        assert code == 0, f"{command.words}\n{err}"
        for line in command.output:
            assert line in out, command.words
