"""Forging in a browser: a form filled in, its answer shown, on a desk and on a phone, in both languages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from tests.app.doors.test_forging import BLANK
from tests.pages.browsing import PHONE, WORKED_OUT_MS, check_accessible, check_width, settled
from tests.pages.conftest import SignedIn

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_an_estimate_names_the_machine_that_fits(signed_in: SignedIn, to: Callable[[str], str], language: str) -> None:
    page = signed_in("engineer", language=language)
    given = {key: value for key, value in BLANK.items() if key != "machines"}
    page.goto(to(f"forging?{urlencode(given)}"))
    page.set_input_files("input[type=file] >> nth=1", EXAMPLES / "forging" / "machines.csv")
    expect(page.locator(".fc-upload").nth(1)).to_contain_text("machines.csv")
    page.get_by_role("button", name={"en": "Estimate", "zh": "估算"}[language], exact=True).click()
    expect(page.locator("table").first).to_contain_text("2.5 MN", timeout=WORKED_OUT_MS)
    settled(page)
    check_accessible(page)


@pytest.mark.parametrize(
    "path",
    [
        "forging",
        "forging/press",
        "forging/billet?part_cm3=200&density_kg_per_m3=7500&diameter_mm=55",
        "forging/flow-stress?metal=c45",
        "forging/flow-stress?tab=fit",
        "forging/ring-test",
    ],
)
def test_a_page_fits_a_phone(signed_in: SignedIn, to: Callable[[str], str], path: str, language: str) -> None:
    page = signed_in("engineer", language=language, width=PHONE, theme="dark")
    page.goto(to(path))
    settled(page)
    check_width(page)
    check_accessible(page)


def test_a_billet_is_worked_out_from_the_form(signed_in: SignedIn, to: Callable[[str], str]) -> None:
    page = signed_in("operator")
    page.goto(to("forging/billet"))
    for label, value in (("Volume of the forging", "200"), ("Density", "7500"), ("Diameter of the bar", "55")):
        page.get_by_label(label).fill(value)
    page.get_by_role("button", name="Work it out").click()
    # 200 cm³ in a bar of 55 mm: 4 V / (pi D²).
    expect(page.locator(".fc-keys")).to_contain_text("84.2")
