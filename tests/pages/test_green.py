"""Green: what an environment and an energy manager come to do, from the first look to what is kept in the ledger."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from forgecast.ground.texts import text
from tests.app.test_hj212_cli import GOOD_ONE
from tests.pages.browsing import PHONE, WORKED_OUT_MS, check_accessible, check_width, settled

#: Each page with something that stands on it only when its answer is there.
PAGES = {
    "green": ".fc-strip",
    "green/stacks?month=2025-09": ".fc-hours",
    "green/stacks?tab=exceedances&month=2025-09": ".fc-table",
    "green/stacks?tab=mass&year=2025": ".fc-bounds",
    "green/day?day_on=2025-09-16&stack=DA001&pollutant=pm": ".fc-chart",
    "green/hour?stack=DA001&begins_at=2025-09-16T03:00:00Z": ".fc-chart",
    "green/ledger?month=2025-09": ".fc-grid",
    "green/ledger?tab=duties": ".fc-table",
    "green/ledger?tab=waste&year=2025&scale=1": ".fc-table",
    "green/ledger?tab=warnings": ".fc-table",
    "green/energy": ".fc-meters",
    "green/energy?tab=baseline": ".fc-chart",
    "green/energy?tab=savings": ".fc-chart",
    "green/energy?tab=bill&since_on=2025-06-01&until_on=2025-06-30": ".fc-chart",
    "green/energy?tab=shift&since_on=2025-06-10": ".fc-chart",
    "green/energy?tab=losses": ".fc-chart",
    "green/carbon": ".fc-chart",
    "green/carbon?tab=product": ".fc-chart",
    "green/carbon?tab=cbam&product=F-301": ".fc-table",
    "green/carbon?tab=factors": ".fc-table",
}


@pytest.fixture(scope="module", autouse=True)
def warm(server):
    """Have the slow figures worked out once for all tests."""
    server.warm("environment/exceedances", "environment/ledger?limit=1", "energy/figures", "energy/diagnosis")


@pytest.mark.slow
@pytest.mark.parametrize("path", PAGES)
def test_every_page_of_green_answers_on_a_phone_and_for_everybody(signed_in, to, path):
    page = signed_in("environment", width=PHONE)
    page.goto(to(path))
    expect(page.locator(PAGES[path]).first).to_be_visible(timeout=WORKED_OUT_MS)
    settled(page)
    check_width(page)
    check_accessible(page)


def test_a_bad_week_is_seen_followed_to_its_readings_and_explained(signed_in, to, language):
    page = signed_in("environment", language=language)
    page.goto(to("green/stacks?month=2025-09"))
    month = page.locator(".fc-card", has_text="DA001").locator(".fc-hours").first
    expect(month).to_be_visible(timeout=WORKED_OUT_MS)
    bad = month.locator("tr", has=page.locator("i.x"))
    expect(bad).to_have_count(6)  # the torn bag filter: 15 to 20 September
    bad.nth(1).locator("a").first.click()
    page.wait_for_url("**/green/day?**")
    settled(page)
    rows = page.locator(".fc-table tbody tr")
    expect(rows.filter(has=page.locator(".not-met"))).not_to_have_count(0)
    rows.filter(has=page.locator(".not-met")).first.locator("a").click()
    page.wait_for_url("**/green/hour?**")
    settled(page)
    expect(page.locator("td", has_text="DA001.pm").first).to_be_visible()

    page.goto(to("green/stacks?tab=exceedances&month=2025-09"))
    say_why = page.get_by_role("button", name=text("Say why").say(language), exact=True)
    expect(say_why).to_be_visible(timeout=WORKED_OUT_MS)
    lacking = page.locator("td .tone-warn")
    expect(lacking).not_to_have_count(0)
    settled(page)
    before = lacking.count()
    say_why.click()
    form = page.locator(".fc-dialog")
    form.get_by_label(text("Cause").say(language)).fill(f"bag torn ({language})")
    form.get_by_role("button", name=text("Keep in the ledger").say(language)).click()
    expect(page.get_by_text(f"bag torn ({language})").first).to_be_visible(timeout=WORKED_OUT_MS)
    expect(lacking).to_have_count(before - 1, timeout=WORKED_OUT_MS)


def test_an_empty_cause_is_refused_and_says_what_to_do(signed_in, to):
    page = signed_in("environment")
    page.goto(to("green/stacks?tab=exceedances&month=2025-09"))
    page.get_by_role("button", name="Say why", exact=True).click(timeout=WORKED_OUT_MS)
    page.locator(".fc-dialog").get_by_role("button", name="Keep in the ledger").click()
    expect(page.locator(".fc-dialog .fc-error")).to_be_visible()


def test_a_viewer_is_not_offered_what_he_may_not_do(signed_in, to):
    page = signed_in("viewer")
    page.goto(to("green/stacks?tab=exceedances&month=2025-09"))
    expect(page.locator(".fc-table").first).to_be_visible(timeout=WORKED_OUT_MS)
    expect(page.get_by_role("button", name="Say why", exact=True)).to_have_count(0)
    page.goto(to("green/carbon?tab=factors"))
    expect(page.locator(".fc-table").first).to_be_visible(timeout=WORKED_OUT_MS)
    expect(page.get_by_role("button", name="Enter a factor of your own")).to_have_count(0)


@pytest.mark.slow
def test_the_execution_report_is_looked_at_written_and_found_again(signed_in, to, language):
    page = signed_in("environment", language=language)
    page.goto(to("green/ledger?tab=report&quarter=2025Q3&scale=1"))
    write = page.get_by_role("button", name=text("Write the report (PDF and XLSX)").say(language))
    write.click()
    files = page.locator("a[download]")
    expect(files).to_have_count(2, timeout=WORKED_OUT_MS)
    with page.expect_download() as waiting:
        files.first.click()
    assert waiting.value.suggested_filename == "execution-report-20250701-20250930.pdf"
    assert waiting.value.path().read_bytes()[:4] == b"%PDF"
    page.reload()
    expect(page.locator("a[download]")).to_have_count(2)


def test_a_plan_names_its_gain_and_every_number_of_carbon_its_source(signed_in, to, language):
    page = signed_in("engineer", language=language)
    page.goto(to("green/energy?tab=shift&since_on=2025-06-10"))
    expect(page.locator(".fc-key", has_text=text("Saved").say(language))).to_be_visible(timeout=WORKED_OUT_MS)
    settled(page)
    page.goto(to("green/carbon"))
    table = page.locator(".fc-table").first
    expect(table).to_be_visible(timeout=WORKED_OUT_MS)
    links = table.locator("tbody a")
    expect(links.nth(5)).to_be_attached()
    links.first.click()
    page.wait_for_url("**tab=factors#**")
    settled(page)
    page.wait_for_function("!!document.getElementById(decodeURIComponent(location.hash.slice(1)))")


@pytest.mark.slow
def test_telegrams_are_sent_read_and_the_damaged_one_is_named(signed_in, to, tmp_path, language):
    capture = tmp_path / "capture.txt"
    capture.write_bytes(GOOD_ONE + GOOD_ONE.replace(b"12.5", b"13.5"))
    page = signed_in("environment", language=language)
    page.goto(to("green/stacks?tab=telegrams"))
    page.locator("input[type=file]").set_input_files(capture)
    found = page.locator(".fc-card", has_text=text("In what it deviates from the standard").say(language))
    expect(found.locator("tbody tr").first).to_be_visible(timeout=WORKED_OUT_MS)
    settled(page)
    assert "secret" not in page.content()
