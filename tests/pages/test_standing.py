"""Pages of standing and the plan: intervals with their evidence, duties, peers, and what a budget changes."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from forgecast.ground.texts import text
from tests.pages.browsing import PHONE, WORKED_OUT_MS, check_accessible, check_width, settled

pytestmark = pytest.mark.usefixtures("scored")


@pytest.fixture(scope="module")
def scored(server):
    server.warm("standing/score", "standing/evidence", "standing/duties", "standing/grade", "rules/assessment",
                "standing/incentives", "plan/plan", "plan/plan?budget=100000")  # fmt: skip
    return server


@pytest.mark.parametrize("path", ["standing", "standing/direction/green", "standing/evidence", "standing/duties",
                                  "standing/ladders", "standing/incentives", "standing/peers", "plan"])  # fmt: skip
def test_pages_are_whole_on_a_phone_in_both_languages(signed_in, to, language, path):
    page = signed_in("manager", language=language, width=PHONE, theme="dark")
    page.goto(to(path))
    settled(page)
    assert page.locator(".fc-error").count() == 0
    check_width(page)
    check_accessible(page)


def test_an_index_leads_down_to_its_rows(signed_in, to):
    page = signed_in("manager")
    page.goto(to("standing"))
    settled(page)
    page.get_by_role("link", name="Quality and brand").click()
    page.wait_for_url("**/standing/direction/*")
    settled(page)
    page.get_by_role("link", name="Statistical process control in use").click()
    page.wait_for_url("**/standing/evidence?question=*")
    settled(page)
    opened = page.locator("details[open]")
    expect(opened).to_have_count(1)
    expect(opened.get_by_text("Would prove it")).to_be_visible()


def test_a_goal_is_added_and_the_plan_says_why_it_cannot_be(signed_in, to, language):
    page = signed_in("manager", language=language)
    page.goto(to("plan"))
    settled(page)
    page.get_by_label(text("Goal for").say(language)).click()
    page.locator(".q-menu .q-item").first.click()
    page.get_by_label(text("Value of the goal").say(language), exact=True).fill("-99.9")
    page.get_by_role("button", name=text("Add the goal").say(language)).click()
    page.wait_for_url("**/plan?goals=*")
    page.wait_for_selector(".fc-edge.tone-bad", timeout=WORKED_OUT_MS)
    expect(page.locator("#content")).to_contain_text("99.9")


def test_a_budget_stands_in_the_address_and_is_kept(signed_in, to):
    page = signed_in("manager")
    page.goto(to("plan?budget=100000"))
    page.wait_for_selector(".fc-keys", timeout=WORKED_OUT_MS)
    settled(page)
    expect(page.get_by_label("Most to be paid in a year")).to_have_value("100000")
    expect(page.get_by_role("link", name="without a budget")).to_be_visible()
