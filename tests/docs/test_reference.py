"""The reference says what the program does: its written pages are those that `make docs` would write now."""

from __future__ import annotations

import pytest

from forgecast.plant.record import records
from tests.docs.reference import PAGES, REFERENCE


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_written_page_is_up_to_date(name):
    assert (REFERENCE / name).read_text(encoding="utf-8") == PAGES[name](), "stale: run `make docs`"


def test_every_record_and_field_has_its_place():
    page = PAGES["records.md"]()
    for record in records().values():
        section = page.split(f"\n## {record.name}\n")[1].split("\n## ")[0]
        for field in record.fields:
            assert f"| `{field.name}` |" in section
