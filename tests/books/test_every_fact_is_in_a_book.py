"""Every regulatory fact that a rulebook has to answer for is named in one, and no fact of its sections is forgotten."""

import re

import pytest

from forgecast.rules.shelf import packaged_folders

#: Facts by their number in the fact base, with the section they stand in.
FURNACES = {"1.4": ["AIR-61"], "1.5": [f"FRG-0{n}" for n in range(1, 7)]}
CONDITIONS = {"2": [f"CFA-{n:02}" for n in range(1, 14)]}
CATALOGUE = {"3": [f"CAT-0{n}" for n in range(1, 5)]}
GRADES = {"4": [f"HPW-{n:02}" for n in range(1, 11)]}
GOALS = {"5.2": ["EN-01", "EN-02"]}
MATURITY = {"7": [f"IM-{n:02}" for n in range(1, 12)]}
LADDERS = {
    "8.1": [f"SME-{n:02}" for n in range(1, 21) if n != 9],
    "8.2": [f"CH-0{n}" for n in range(1, 7)],
    "8.3": [f"GF-0{n}" for n in range(1, 9)],
}
PERMITS = {"9": [f"PER-{n:02}" for n in range(1, 12)]}
INCENTIVES = {"10": [f"FIS-{n:02}" for n in range(1, 12)]}
SECTIONS = FURNACES | CONDITIONS | CATALOGUE | GRADES | GOALS | MATURITY | LADDERS | PERMITS | INCENTIVES
#: Facts of these sections that no rulebook answers for, and why.
ELSEWHERE = {
    "AIR": "those of GB 39726-2020, whose book cites its clauses",
    "EN-03": "not known to exist; not to be cited",
    "EN-04": "methods of measurement",
    "EN-05": "of the repealed conditions of 2013, from memory",
}


def _texts():
    return "\n".join(
        (folder / name).read_text(encoding="utf-8")
        for folder in packaged_folders()
        for name in ("book.md", "limits.yaml")
    )


@pytest.mark.parametrize("fact", [fact for facts in SECTIONS.values() for fact in facts])
def test_a_fact_is_named_in_a_book(fact):
    # The end of a run stands for all of it: "Facts FRG-01 to FRG-06".
    assert re.search(rf"\b{fact}\b", _texts())


@pytest.mark.real_data
def test_no_fact_of_the_sections_is_forgotten(shared):
    facts = (shared / "facts" / "regulations.md").read_text(encoding="utf-8")
    answered = {fact for some in SECTIONS.values() for fact in some}
    forgotten = []
    for number in SECTIONS:
        body = re.split(r"\n##+ ", facts.split(f"# {number}{'' if '.' in number else '.'} ", 1)[1], maxsplit=1)[0]
        for fact in re.findall(r"(?m)^\| ([A-Z]+-\d+) ", body):
            left = fact in ELSEWHERE or fact.partition("-")[0] in ELSEWHERE
            if fact not in answered and not left:
                forgotten.append(fact)
    assert forgotten == []
