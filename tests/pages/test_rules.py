"""Pages of home, rules, standing and plan: what a manager sees first, and each way down to the rows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from forgecast.ground.texts import text
from forgecast.rules.verdict import WORD_TEXTS, Word
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.assess_plant import assess_plant
from tests.pages.browsing import PHONE, WORKED_OUT_MS, check_accessible, check_width, settled

WARM = ("standing/home", "rules/assessment")

pytestmark = pytest.mark.usefixtures("worked_out")


@pytest.fixture(scope="module")
def worked_out(server):
    server.warm(*WARM)
    return server


@pytest.fixture(scope="module")
def worst(sample_plant: Path) -> str:
    """Return the verdict on a cupola's dust, which is over its limit in some hours."""
    with PlantFolder.open(sample_plant) as plant:
        verdicts = assess_plant(plant).verdicts
    return next(v.id for v in verdicts if v.word is Word.NOT_MET and v.hours_over)


def test_home_tells_what_is_wrong_and_leads_to_its_rows(signed_in, to, language):
    page = signed_in("manager", language=language)
    page.goto(to("home"))
    settled(page)
    not_met = WORD_TEXTS[Word.NOT_MET].say(language)
    expect(page.locator(".fc-keys").first).to_be_visible(timeout=WORKED_OUT_MS)
    expect(page.locator("svg[role=img]").nth(5), "seven directions, as far as they apply").to_be_attached()
    card = page.locator(".fc-card", has=page.locator(".fc-chip.not-met")).first
    check_accessible(page)
    card.get_by_role("link").filter(has_text=re.compile(r"\w")).nth(1).click()
    page.wait_for_url("**/rules/verdict?id=*")
    settled(page)
    expect(page.locator("h1 + .fc-chip, header .fc-chip").first).to_have_text(re.compile(f"{re.escape(not_met)}$"))
    page.wait_for_selector(".fc-tree .kind-row", timeout=WORKED_OUT_MS)


def test_home_fits_a_phone(signed_in, to, language):
    page = signed_in("viewer", language=language, width=PHONE)
    page.goto(to("home"))
    settled(page)
    check_width(page)
    check_accessible(page)


def test_verdicts_are_narrowed_down_and_the_address_keeps_it(signed_in, to, language):
    page = signed_in("auditor", language=language)
    page.goto(to("rules?word=not+met"))
    settled(page)
    cells = page.locator(".ag-center-cols-container [col-id=word]")
    expect(cells).not_to_have_count(0)
    words = cells.all_inner_texts()
    assert all(WORD_TEXTS[Word.NOT_MET].say(language) in word for word in words)
    page.get_by_label(text("Search").say(language), exact=True).fill("pm_cupola")
    page.wait_for_url("**search=pm_cupola*")
    page.wait_for_function(
        f"document.querySelectorAll('.ag-center-cols-container [col-id=word]').length < {len(words)}"
    )
    page.reload()
    settled(page)
    expect(cells).not_to_have_count(0)
    assert cells.count() < len(words)


def test_a_verdict_shows_its_hours_its_tree_and_what_would_let_it_pass(signed_in, to, worst, language):
    page = signed_in("environment", language=language, theme="dark")
    page.goto(to(f"rules/verdict?id={worst}"))
    settled(page)
    page.wait_for_selector(".fc-chart canvas, .fc-chart svg", timeout=WORKED_OUT_MS)
    page.wait_for_function(
        "[...document.querySelectorAll('.fc-job')].every((job) => job.offsetParent === null)", timeout=WORKED_OUT_MS
    )
    settled(page)
    # The tree is worked by the keyboard: a summary that has the focus folds on Enter.
    summary = page.locator(".fc-tree details > summary").first
    summary.focus()
    opened = "document.querySelector('.fc-tree details').open"
    before = page.evaluate(opened)
    page.keyboard.press("Enter")
    page.wait_for_function(f"(before) => {opened} !== before", arg=before)
    check_accessible(page)


def test_a_book_tells_its_limits_with_their_sources(signed_in, to, language):
    page = signed_in("viewer", language=language, width=PHONE)
    page.goto(to("rules/book/gb_39726_2020"))
    settled(page)
    expect(page.locator("td").filter(has_text="≤").nth(10)).to_be_attached()
    check_width(page)


def test_what_is_supposed_moves_verdicts_and_stands_in_the_address(signed_in, to, worst, language):
    stack = worst.rpartition("/")[2]
    page = signed_in("engineer", language=language)
    page.goto(to(f"rules/what-if?suppose=stack/{stack}.furnace=induction_furnace"))
    page.wait_for_selector("table .fc-chip", timeout=WORKED_OUT_MS)
    settled(page)
    changed = page.locator(f"a[href*='{worst.replace('/', '%2F')}']")
    expect(changed).to_have_count(1)
    row = page.locator("tr", has=changed)
    words = row.locator(".fc-chip").all_inner_texts()
    assert WORD_TEXTS[Word.NOT_MET].say(language) in words[0]
    assert WORD_TEXTS[Word.NOT_APPLICABLE].say(language) in words[1]


def test_a_number_is_entered_from_ones_own_copy_with_its_source(signed_in, to, language):
    book = {"en": "permit_duties", "zh": "incentives"}[language]  # the server is the same for both languages
    page = signed_in("environment", language=language)
    page.goto(to(f"rules/fill/{book}"))
    settled(page)
    open_numbers = page.locator("table tbody tr")
    expect(open_numbers).not_to_have_count(0)
    open_before = open_numbers.count()
    keep = page.get_by_role("button", name=text("Keep").say(language), exact=True)
    keep.click()
    expect(page.get_by_role("alert")).to_have_text(re.compile(r"\S"))
    page.get_by_label(text("Clause").say(language), exact=True).fill("7.1")
    page.get_by_label(text("Document and edition").say(language)).fill("printed copy, 2020")
    value = page.get_by_label(text("Number as your copy states it").say(language))
    if value.count():
        value.fill("5")
    keep.click()
    expect(open_numbers).to_have_count(open_before - 1)


def test_a_viewer_may_look_but_not_enter(signed_in, to):
    page = signed_in("viewer")
    page.goto(to("rules/fill/gb_39116_2020"))
    settled(page)
    assert page.get_by_role("button", name="Keep", exact=True).count() == 0


def test_a_verdict_that_is_not_there_says_what_there_is(signed_in, to):
    page = signed_in("viewer")
    page.goto(to("rules/verdict?id=gb_39726_2020/no_such/DA001"))
    expect(page.locator("[role=alert]").first).to_contain_text("no verdict is named", timeout=WORKED_OUT_MS)
