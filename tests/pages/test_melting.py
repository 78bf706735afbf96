"""Melt pages: from the day to the heat and its lot; a charge, a correction and a curve from the form to the result."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from forgecast.ground.texts import Language, text
from tests.pages.browsing import PHONE, WORKED_OUT_MS, check_accessible, check_width, settled


@pytest.mark.parametrize(
    "path", ["melt", "melt/heat?id=I25-06024", "melt/charge", "melt/correct?heat=I25-06024", "melt/curve"]
)
def test_pages_are_accessible_and_fit_a_phone(signed_in, to, language, path):
    page = signed_in("operator", language=language, width=PHONE)
    page.goto(to(path))
    settled(page)
    check_width(page)
    check_accessible(page)


def test_from_the_day_to_a_heat_and_where_it_came_from(signed_in, to, language: Language):
    page = signed_in("operator", language=language)
    page.goto(to("melt?from=2025-11-21&to=2025-11-21"))
    settled(page)
    bars = page.locator("a[href*='melt/heat?id=']")
    expect(bars.nth(20), "the timeline shows the heats of the day").to_be_attached()
    page.goto(to("melt/heat?id=I25-06024"))
    settled(page)
    expect(page.locator("#content")).to_contain_text("ST251117")
    page.get_by_role("link", name=text("Origin, life and decisions").say(language)).click()
    page.wait_for_url(re.compile("pieces/of"))
    settled(page)


def test_a_charge_is_mixed_from_what_is_typed(signed_in, to, language: Language):
    page = signed_in("operator", language=language)
    page.goto(to("melt/charge?alloy=QT500-7"))
    settled(page)

    def fill(words: str, value: str) -> None:
        page.get_by_label(text(words).say(language), exact=True).fill(value)

    fill("Liquid metal, at least", "2000")
    fill("Metal yield of all materials", "97")
    fill("Each limit holds with", "50")
    fill("Recovery of the elements", "95")
    for side, percent in ((text("at least"), "3.4"), (text("at most"), "3.7")):
        page.get_by_label(text("{element} {side}", element="C", side=side).say(language)).fill(percent)
    page.get_by_role("button", name=text("Find the cheapest charge").say(language)).click()
    page.wait_for_url(re.compile("job="))
    page.locator(".fc-table", has_text="PI251117").or_(page.locator(".fc-table", has_text="ST251117")).last.wait_for(
        timeout=WORKED_OUT_MS
    )
    page.locator(".fc-chart[data-drawn]").wait_for(timeout=WORKED_OUT_MS)
    check_accessible(page)
    page.reload()
    settled(page)
    # Neither the result nor what was typed is lost.
    page.locator(".fc-chart[data-drawn]").wait_for(timeout=WORKED_OUT_MS)
    expect(page.get_by_label(text("Liquid metal, at least").say(language), exact=True)).to_have_value("2000")


def test_a_form_that_lacks_something_says_so(signed_in, to):
    page = signed_in("manager")  # whose form nobody has filled in yet
    page.goto(to("melt/charge"))
    settled(page)
    page.get_by_role("button", name="Find the cheapest charge").click()
    expect(page.locator(".fc-error")).to_contain_text("Liquid metal, at least")


def test_a_cooling_curve_is_read_and_drawn(signed_in, to, root: Path, language: Language):
    page = signed_in("operator", language=language)
    page.goto(to("melt/curve"))
    settled(page)
    page.set_input_files("input[type=file]", root / "examples" / "melting" / "cup.csv")
    page.locator(".fc-chart[data-drawn]").wait_for(timeout=WORKED_OUT_MS)
    expect(page.locator("#content")).to_contain_text("TElow")
    expect(page.locator("#content")).to_contain_text(re.compile("1131.9|1132"))
