"""Pieces pages: any number leads to its genealogy, its life and its recall; certificates are issued and verified."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from forgecast.ground.texts import Language, text
from forgecast.store.plant_folder import PlantFolder
from tests.pages.browsing import PHONE, WORKED_OUT_MS, check_accessible, check_width, settled

PIECE, HEAT = "V2500621", "I25-06020"


def worked_out(page) -> None:
    settled(page)
    page.wait_for_function("!document.querySelector('.fc-job')", timeout=WORKED_OUT_MS)
    settled(page)


@pytest.mark.parametrize(
    "path",
    ["pieces", "pieces?q=I25-06020", f"pieces/of?kind=piece&id={PIECE}", f"pieces/of?kind=heat&id={HEAT}&tab=life",
     f"pieces/of?kind=heat&id={HEAT}&tab=recall", "pieces/certificates", "pieces/labels", "pieces/events",
     f"pieces/grades?name=QT500-7&heat={HEAT}"],
)  # fmt: skip
def test_pages_are_accessible_and_fit_a_phone(signed_in, to, language, path):
    page = signed_in("engineer", language=language, width=PHONE)
    page.goto(to(path))
    settled(page)
    worked_out(page)
    check_width(page)
    check_accessible(page)


def test_a_number_leads_to_its_picture_and_a_box_to_its_page(signed_in, to, language: Language):
    page = signed_in("viewer", language=language)
    page.goto(to("pieces"))
    settled(page)
    page.get_by_label(text("Number, mark or order").say(language)).fill(PIECE)
    page.keyboard.press("Enter")
    page.get_by_role("link", name=PIECE, exact=True).click()
    page.wait_for_url(re.compile("pieces/of"))
    worked_out(page)
    boxes = page.locator(".fc-genealogy svg a")
    expect(boxes.nth(7)).to_be_visible()
    boxes.filter(has_text=HEAT).click()
    page.wait_for_url(re.compile(f"kind=heat&id={HEAT}"))
    worked_out(page)
    expect(page.locator("h1")).to_contain_text(HEAT)


def test_a_heat_is_blocked_and_released_with_the_name_of_who_decides(signed_in, to, server, language: Language):
    heat = {"en": "I25-06830", "zh": "I25-06831"}[language]
    page = signed_in("engineer", language=language)
    page.goto(to(f"pieces/of?kind=heat&id={heat}&tab=life"))
    settled(page)
    for decision in ({"en": "Block", "zh": "冻结"}, {"en": "Release", "zh": "放行"}):
        page.get_by_role("button", name=decision[language], exact=True).click()
        page.locator(".fc-dialog").get_by_role("button", name=decision[language], exact=True).click()
        page.locator("td", has_text=re.compile(decision[language], re.IGNORECASE)).first.wait_for()
    with PlantFolder.open(server.folder) as plant:
        last = plant.records.read("disposition", subject="heat", subject_id=heat)[-1]
    assert (last["decision"], last["decided_by"]) == ("release", "engineer")


def test_an_operator_may_block_and_not_release(signed_in, to):
    page = signed_in("operator")
    page.goto(to("pieces/of?kind=heat&id=I25-06829&tab=life"))
    settled(page)
    page.get_by_role("button", name="Block", exact=True).wait_for()
    assert page.get_by_role("button", name="Release", exact=True).count() == 0


def test_a_recall_is_handed_on_as_a_table(signed_in, to):
    page = signed_in("engineer")
    page.goto(to(f"pieces/of?kind=heat&id={HEAT}&tab=recall"))
    settled(page)
    worked_out(page)
    page.get_by_role("button", name=re.compile("XLSX")).click()
    link = page.get_by_role("link", name=re.compile("rows"))
    link.wait_for(timeout=WORKED_OUT_MS)
    with page.expect_download() as downloaded:
        link.click()
    assert Path(downloaded.value.path()).read_bytes()[:2] == b"PK"


def test_a_certificate_is_issued_looked_at_and_verified(signed_in, to, tmp_path: Path):
    page = signed_in("admin")
    page.goto(to("pieces/certificates?shipment=D25-003"))
    settled(page)
    page.locator("summary", has_text="key of this plant").click()
    page.get_by_role("button", name="Make a key").click()
    page.locator(".fc-dialog").get_by_role("button", name="Make it").click()
    # The page shows itself anew once the key is there, and with it goes the button that makes one.
    expect(page.locator(".fc-dialog")).to_have_count(0)
    expect(page.locator("button", has_text="Make a key")).to_have_count(0)
    page.locator("summary", has_text="key of this plant").wait_for()
    settled(page)
    page.get_by_label("Type", exact=True).click()
    page.get_by_role("option", name=re.compile("2.1")).click()
    page.get_by_role("button", name="Issue and sign").click()
    page.get_by_role("link", name="Look at the PDF").first.wait_for(timeout=WORKED_OUT_MS)
    files = []
    for name in ("PDF", "Signature"):
        with page.expect_download() as downloaded:
            page.get_by_role("link", name=name, exact=True).first.click()
        file = tmp_path / downloaded.value.suggested_filename
        downloaded.value.save_as(file)
        files.append(file)
    assert files[0].read_bytes()[:4] == b"%PDF"
    for file in files:
        page.locator("input[type=file]").first.set_input_files(file)
        page.locator("p.fc-soft", has_text=file.name).wait_for()
    page.get_by_role("button", name="Verify", exact=True).click()
    page.locator(".fc-notice.tone-good", has_text="Unchanged").wait_for(timeout=WORKED_OUT_MS)
