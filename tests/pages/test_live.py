"""The live page: an alarm raised while it is open appears by itself and is acknowledged in it, in both languages."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from forgecast.ground.texts import text
from forgecast.signals.alarm.event import SHOWN_TEXTS, Event, Shown, What
from forgecast.signals.batch import Batch, batch_of
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.alarm_journal import journal_of, write_events
from forgecast.tasks.record_entry import record_entries
from tests.pages.browsing import PHONE, check_accessible, check_width, settled
from tests.pages.plant_server import PlantServer, plant_server
from tests.tasks.watched_plants import ALARM, water_plant

S = 1_000_000


@pytest.fixture(scope="module")
def watered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlantServer]:
    """Return a server on a plant whose furnace water is watched; its last hour is on record."""
    folder = tmp_path_factory.mktemp("watered") / "plant"
    now = time.time_ns() // 1_000
    with water_plant(folder, [ALARM]) as plant, plant.live(by="test") as live:
        t = now - np.arange(360, 0, -1, dtype=np.int64) * 10 * S
        n = t.size
        # Without a trend, so that nothing warns early.
        value = 30.0 + 0.1 * (-1.0) ** np.arange(n)
        live.take(Batch("made", 1, ("EF1.FLOW",), np.zeros(n, np.int32), t, value, np.zeros(n, np.int8)))
        live.seal()
    with plant_server(folder) as running:
        yield running


@pytest.fixture
def server(watered: PlantServer) -> PlantServer:
    """Return the server of this module instead of that of the session."""
    return watered


def ring(folder: Path, alarm: str, value: float) -> None:
    """Let an alarm ring, as the process that collects does."""
    with PlantFolder.open(folder) as plant:
        write_events(plant, [Event(alarm, time.time_ns() // 1_000, What.RAISED, value)], by="test")


def test_an_alarm_appears_without_reload_and_is_acknowledged(signed_in, to, language, server):
    alarm = f"EF1-WATER-{language}"
    with PlantFolder.open(server.folder) as plant:
        record_entries(plant, "alarm", [{**ALARM, "id": alarm}], by="test")
    page = signed_in("operator", language=language)
    page.goto(to("live"))
    settled(page)
    page.evaluate("window.notReloaded = true")
    assert page.locator(f"[data-alarm='{alarm}']").count() == 0
    ring(server.folder, alarm, 12.5)
    card = page.locator(f"[data-alarm='{alarm}']")
    card.get_by_text(SHOWN_TEXTS[Shown.UNACKNOWLEDGED].say(language)).wait_for()
    expect(card).to_contain_text("12.5")
    page.get_by_role("button", name=text("Acknowledge {alarm}", alarm=alarm).say(language)).click()
    dialog = page.locator(".fc-dialog")
    dialog.locator("textarea").fill("备用泵已启动 / stand-by pump runs")
    dialog.get_by_role("button", name=text("Acknowledge").say(language), exact=True).click()
    card.get_by_text(SHOWN_TEXTS[Shown.ACKNOWLEDGED].say(language)).wait_for()
    assert page.evaluate("window.notReloaded") is True
    with PlantFolder.open(server.folder) as plant:
        newest = max(journal_of(plant, alarm=alarm), key=lambda event: event.at)
    assert (newest.what, newest.by, newest.note) == (What.ACKNOWLEDGED, "operator", "备用泵已启动 / stand-by pump runs")


def test_a_value_that_comes_is_shown_without_reload(signed_in, to, server):
    page = signed_in("viewer")
    page.goto(to("live"))
    settled(page)
    page.evaluate("window.notReloaded = true")
    row = page.locator("tr[data-tag='EF1.FLOW']")
    row.wait_for()
    with PlantFolder.open(server.folder) as plant, plant.live(by="test") as live:
        # Numbered by the time, so that each run brings something new.
        now = time.time_ns() // 1_000
        live.take(batch_of("late", now, [("EF1.FLOW", now, 33.25, 0)]))
        row.get_by_text("33.25").wait_for()
    assert page.evaluate("window.notReloaded") is True


def test_what_may_be_done_to_an_alarm_stays_when_a_value_comes(signed_in, to, server):
    with PlantFolder.open(server.folder) as plant:
        record_entries(plant, "alarm", [{**ALARM, "id": "EF1-STAYS"}], by="test")
    ring(server.folder, "EF1-STAYS", 9.0)
    page = signed_in("operator")
    page.goto(to("live"))
    settled(page)
    button = page.get_by_role("button", name="Acknowledge EF1-STAYS")
    button.evaluate("(one) => { one.untouched = true }")
    with PlantFolder.open(server.folder) as plant, plant.live(by="test") as live:
        now = time.time_ns() // 1_000
        live.take(batch_of("later", now, [("EF1.FLOW", now, 30.75, 0)]))
        page.locator("tr[data-tag='EF1.FLOW']").get_by_text("30.75").wait_for()
    assert button.evaluate("(one) => one.untouched")


def test_a_viewer_sees_alarms_and_no_buttons(signed_in, to, server):
    with PlantFolder.open(server.folder) as plant:
        record_entries(plant, "alarm", [{**ALARM, "id": "EF1-SEEN"}], by="test")
    ring(server.folder, "EF1-SEEN", 9.0)
    page = signed_in("viewer")
    page.goto(to("live"))
    page.locator("[data-alarm='EF1-SEEN']").wait_for()
    assert page.get_by_role("button", name="Acknowledge").count() == 0


def test_an_alarm_is_shelved_on_its_own_page(signed_in, to, server):
    with PlantFolder.open(server.folder) as plant:
        record_entries(plant, "alarm", [{**ALARM, "id": "EF1-SHELF"}], by="test")
    page = signed_in("operator")
    page.goto(to("live/alarm?alarm=EF1-SHELF"))
    settled(page)
    page.get_by_role("button", name="Shelve EF1-SHELF").click()
    page.locator(".fc-dialog").get_by_role("button", name="Shelve", exact=True).click()
    page.locator("[data-alarm='EF1-SHELF']").get_by_text("shelved until").wait_for()
    page.get_by_role("button", name="End the shelving of EF1-SHELF").wait_for()


def test_what_is_typed_about_an_alarm_stays_when_the_next_one_rings(signed_in, to, server):
    with PlantFolder.open(server.folder) as plant:
        record_entries(plant, "alarm", [{**ALARM, "id": f"EF1-{name}"} for name in ("FIRST", "NEXT")], by="test")
    ring(server.folder, "EF1-FIRST", 9.0)
    page = signed_in("operator")
    page.goto(to("live"))
    page.get_by_role("button", name="Shelve EF1-FIRST").click()
    comment = page.locator(".fc-dialog textarea")
    comment.fill("sensor is being changed")
    for value in (8.0, 7.0, 6.0):  # the list is filled anew each time
        ring(server.folder, "EF1-NEXT", value)
        page.locator("[data-alarm='EF1-NEXT']").get_by_text(f"value {value:.0f}").wait_for()
    assert comment.input_value() == "sensor is being changed"
    page.locator(".fc-dialog").get_by_role("button", name="Shelve", exact=True).click()
    page.locator("[data-alarm='EF1-FIRST']").get_by_text("shelved until").wait_for()
    expect(page.locator(".fc-dialog")).to_have_count(0)
    with PlantFolder.open(server.folder) as plant:
        said = [one["note"] for one in plant.browse("alarm_event").rows if one["alarm"] == "EF1-FIRST"]
    assert "sensor is being changed" in said


def test_an_alarm_is_tried_and_put_on_the_list(signed_in, to, server, language):
    name = f"EF1-NEW-{language}"
    server.warm("signals/try-alarm?tag=EF1.FLOW&kind=low&limit=29.5")
    page = signed_in("engineer", language=language)
    page.goto(to("live/try?tag=EF1.FLOW&kind=low&limit=29.5"))
    page.locator(".fc-chart").wait_for()
    settled(page)
    page.get_by_text(text("Put it on the master list").say(language)).click()
    page.get_by_label(text("Number of the alarm").say(language)).fill(name)
    page.get_by_role("button", name=text("Put on record").say(language)).click()
    page.wait_for_url("**/live/alarm?**")
    with PlantFolder.open(server.folder) as plant:
        [row] = plant.records.read("alarm", id=name)
    assert (row["kind"], row["limit"]) == ("low", 29.5)


@pytest.mark.parametrize(
    ("path", "doors"),
    [
        ("live", ()),
        ("live/signal?tag=EF1.FLOW&span=hour", ()),
        ("live/alarms", ()),
        ("live/alarms?tab=journal", ()),
        ("live/alarms?tab=review", ("signals/alarm-review",)),
        ("live/incidents", ()),
        ("live/instruments", ()),
        ("live/readings", ("signals/gate",)),
        ("live/machines", ("condition/machines",)),
        ("live/fault?kind=compressor", ()),
        ("live/changes", ()),
        ("live/anomalies", ()),
        ("live/wear", ()),
        ("live/wear?tab=bearing", ()),
    ],
)
def test_every_page_is_accessible_and_fits_a_phone(signed_in, to, server, path, doors):
    server.warm(*doors)
    page = signed_in("engineer", language="zh", theme="dark", width=PHONE)
    page.goto(to(path))
    settled(page)
    check_width(page)
    check_accessible(page)
    wide = signed_in("engineer")
    wide.goto(to(path))
    settled(wide)
    check_accessible(wide)


def test_what_a_repair_names_a_command_for_is_a_link_here(signed_in, to, watch, language):
    watch.allowed.add(422)
    page = signed_in("viewer", language=language)
    page.goto(to("live/signal?tag=NOPE"))
    settled(page)
    refused = page.locator(".fc-error").first
    expect(refused).to_contain_text("forgecast signals latest")
    refused.get_by_role("link", name=text("Readings").say(language)).click()
    page.wait_for_url("**/live/readings")
    settled(page)
