"""Data pages: what is there; a messy file is looked through, explained and taken in; entries survive a reload."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import WebSocketRoute, expect

from forgecast.ground.texts import Language, text
from forgecast.store.plant_folder import PlantFolder
from tests.pages.browsing import PHONE, WORKED_OUT_MS, check_accessible, check_width, settled

MESSY = (
    "炉次号,出炉时间,炉子编号,出炉质量(kg),出炉温度(℃)\n"
    "{name}-1,2025-12-31 20:10,IF-1,1900,1490\n"
    "{name}-2,2025-12-31 21:10,IF-1,1910,14900\n"
    "{name}-3,,IF-1,1910,1480\n"
)
UNKNOWN = "Melt No;Datum Abstich;Anlage;Gew kg\n{name}-1;2025-12-31 20:10;IF-1;1900\n"


def bring(page, to, file: Path) -> None:
    """Put one file on the desk, which may still hold those of another test."""
    page.goto(to("data/import"))
    settled(page)
    clear = page.locator("button.fc-button.quiet", has_text=re.compile("Clear the desk|清空"))
    if clear.is_visible():
        clear.click()
        clear.wait_for(state="hidden")
    page.set_input_files("input[type=file]", file)


def held(server, name: str) -> bool:
    with PlantFolder.open(server.folder) as plant:
        return bool(plant.records.read("heat", id=name))


class _HeldLine:
    """The line of a page to its server, on which the page says nothing until it is let go."""

    def __init__(self) -> None:
        self._held: list[tuple[WebSocketRoute, str | bytes]] | None = []

    def over(self, line: WebSocketRoute) -> None:
        """Hold a line that opens."""
        server = line.connect_to_server()
        line.on_message(lambda words: self._pass(server, words))

    def let_go(self) -> None:
        """Send what was held, and all that follows."""
        held, self._held = self._held or [], None
        for server, words in held:
            server.send(words)

    def _pass(self, server: WebSocketRoute, words: str | bytes) -> None:
        if self._held is None:
            server.send(words)
        else:
            self._held.append((server, words))


@pytest.mark.parametrize(
    "path", ["data", "data/imports", "data/records/heat", "data/enter/heat", "data/import", "data/trail"]
)
def test_pages_are_accessible_and_fit_a_phone(signed_in, to, language, path):
    page = signed_in("engineer", language=language, width=PHONE)
    page.goto(to(path))
    settled(page)
    check_width(page)
    check_accessible(page)


def test_what_is_there_leads_to_a_row_and_its_source(signed_in, to, language):
    page = signed_in("viewer", language=language)
    page.goto(to("data/records/lot"))
    settled(page)
    page.locator(".fc-grid a").first.click()
    page.wait_for_url(re.compile("data/row/lot"))
    settled(page)
    expect(page.locator("#content")).to_contain_text(".xlsx")


def test_a_messy_file_shows_its_findings_before_anything_is_taken_in(
    signed_in, to, server, language: Language, tmp_path: Path
):
    name = f"MESS-{language}"
    file = tmp_path / f"{name}.csv"
    file.write_text(MESSY.format(name=name), encoding="utf-8")
    page = signed_in("operator", language=language)
    bring(page, to, file)
    table = page.locator(".fc-table", has_text="14900")
    table.wait_for(timeout=WORKED_OUT_MS)
    expect(table).to_contain_text({"en": "the row is refused", "zh": "该行被拒绝"}[language])
    assert not held(server, f"{name}-1"), "looking through a file must not take it in"
    page.get_by_role("button", name=text("Take in this file").say(language)).click()
    page.wait_for_url(re.compile("import="))
    page.locator("#content p.fc-notice.tone-good").get_by_text(text("Taken in.").say(language)).wait_for(
        timeout=WORKED_OUT_MS
    )
    assert held(server, f"{name}-1")
    assert not held(server, f"{name}-3"), "a row without its time is refused"
    page.reload()
    settled(page)
    page.get_by_text(text("Taken in.").say(language)).wait_for()  # the result is found again


def test_a_refused_file_says_why_and_is_explained_column_by_column(signed_in, to, server, tmp_path: Path):
    file = tmp_path / "log.csv"
    file.write_text(UNKNOWN.format(name="LOG"), encoding="utf-8")
    page = signed_in("operator")
    bring(page, to, file)
    page.locator(".fc-error").first.wait_for(timeout=WORKED_OUT_MS)
    assert not held(server, "LOG-1")
    page.get_by_role("button", name="Explain its columns").click()
    which = page.get_by_label("What the rows are")
    which.wait_for(timeout=WORKED_OUT_MS)
    which.fill("Heat")
    page.get_by_role("option", name="Heat", exact=True).click()
    page.locator("th", has_text="How sure").wait_for(timeout=WORKED_OUT_MS)
    expect(page.locator("#content")).to_contain_text("Datum Abstich")


def test_an_entry_outlives_a_reload_in_its_middle(signed_in, to, server, language: Language):
    name = f"TYPED-{language}"
    page = signed_in("operator", language=language)
    page.goto(to("data/enter/heat"))
    settled(page)
    first = page.locator("#content input").first
    first.fill(name)
    first.press("Tab")
    server.wait_for_draft(name)
    page.reload()
    settled(page)
    page.wait_for_function(f"document.querySelector('#content input')?.value === '{name}'")
    page.locator("input[type=datetime-local]").first.fill("2025-12-31T20:30")
    label = {"en": "Furnace *", "zh": "炉子编号 *"}[language]
    page.get_by_label(label).fill("IF-1")
    page.get_by_role("button", name=text("Record").say(language), exact=True).click()
    page.locator(".fc-notice.tone-good").wait_for()
    assert held(server, name)
    with PlantFolder.open(server.folder) as plant:
        assert plant.history("heat", [name])[-1].by == "operator"
    expect(first).to_have_value("")  # the form is emptied after it has said that it was recorded
    first.fill(f"{name}-NEXT")
    first.press("Tab")
    server.wait_for_draft(f"{name}-NEXT")  # the form goes on with the next row, and so does what is kept
    page.get_by_role("button", name=text("Empty the form").say(language)).click()
    page.locator(".fc-dialog").get_by_role("button", name=text("Empty it").say(language)).click()
    page.wait_for_function("!document.querySelector('#content input')?.value")


def test_what_is_typed_before_the_line_is_there_is_kept(signed_in, to, server):
    with PlantFolder.open(server.folder) as plant:
        heat = plant.browse("heat", limit=1).rows[0]
    page = signed_in("operator")
    line = _HeldLine()
    page.route_web_socket(re.compile("_nicegui_ws"), line.over)
    # Each field of a row to be corrected is given its value after it was made.
    page.goto(to(f"data/enter/heat?key0={quote(str(heat['id']))}"))
    settled(page)
    page.get_by_label("Furnace *").fill("IF-2")
    page.get_by_label("Tap temperature").fill("1444")
    alloy = page.get_by_label("Alloy")
    alloy.fill("")
    alloy.press_sequentially("QT400-15 (EN-GJS-400-15)", delay=3)  # quicker than a hand, and each letter counts
    line.let_go()
    page.wait_for_function("window.socket.connected")
    page.wait_for_timeout(1_000)  # in which a field may be set back to what it was
    assert page.get_by_label("Furnace *").input_value() == "IF-2"
    page.get_by_role("button", name="Record", exact=True).click()
    page.locator(".fc-notice.tone-good").wait_for()
    with PlantFolder.open(server.folder) as plant:
        row = plant.history("heat", [str(heat["id"])])[-1].values
    assert {"IF-2", 1444.0, "QT400-15 (EN-GJS-400-15)"} <= set(row.values())


def test_an_entry_with_an_impossible_value_is_refused_and_changes_nothing(signed_in, to, server):
    page = signed_in("operator")
    page.goto(to("data/enter/heat"))
    settled(page)
    page.locator("#content input").first.fill("HOT-1")
    page.locator("input[type=datetime-local]").first.fill("2025-12-31T20:30")
    page.get_by_label("Furnace *").fill("IF-1")
    temperature = page.get_by_label("Tap temperature")
    temperature.fill("14900")
    temperature.press("Tab")
    server.wait_for_draft("14900")  # a field that is left is kept as it was typed, and put onto no limit
    expect(temperature).to_have_value("14900")
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.locator(".fc-error")).to_contain_text("14900")
    assert not held(server, "HOT-1")


def test_the_trail_is_verified_on_the_page(signed_in, to, language: Language):
    page = signed_in("auditor", language=language)
    page.goto(to("data/trail"))
    settled(page)
    page.get_by_role("button", name=text("Verify").say(language), exact=True).click()
    page.locator(".fc-notice.tone-good").wait_for(timeout=WORKED_OUT_MS)


def test_a_viewer_takes_nothing_in(signed_in, to, watch):
    watch.allowed.add(404)
    page = signed_in("viewer")
    page.goto(to("data/import"))
    assert page.locator("input[type=file]").count() == 0
