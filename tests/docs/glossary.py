"""Read GLOSSARY.md."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

GLOSSARY = Path(__file__).resolve().parents[2] / "GLOSSARY.md"


@dataclass(frozen=True)
class Entry:
    """A word of the house: symbol, unit (– where it has none), sentence, Chinese term and sentence."""

    word: str
    symbol: str
    unit: str
    sentence: str
    term: str
    chinese: str


def entries() -> list[Entry]:
    """Return the rows of the glossary in their order."""
    rows = [line for line in GLOSSARY.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    return [Entry(*(cell.strip() for cell in row.strip("|").split("|"))) for row in rows[2:]]
