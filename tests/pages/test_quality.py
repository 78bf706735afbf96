"""Pages of quality: from what is out of control to a note at the point, in both languages; none sticks out."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from forgecast.ground.texts import Text, text
from forgecast.store.plant_folder import PlantFolder
from tests.pages.browsing import PHONE, WORKED_OUT_MS, check_accessible, check_width, settled

#: A chart that signals in the sample plant: cast iron of one part, over the year.
CHART = "quality/chart?field=piece.result&by=product&group=C-101"
DOORS = ("quality/chart?field=piece.result&by=product&group=C-101", "quality/losses?by=product")


def named(words: Text, language: str) -> re.Pattern[str]:
    return re.compile(f"^{re.escape(words.say(language))}")  # type: ignore[arg-type]


def test_a_note_is_entered_at_a_point_and_stands_there(signed_in, to, language, server):
    server.warm(*DOORS)
    page = signed_in("operator", language=language)
    page.goto(to(CHART))
    about = text("Note what was done about {point}", point="POINT").say(language)
    button = page.get_by_role("button", name=re.compile(re.escape(about).replace("POINT", ".+"))).first
    button.wait_for(timeout=WORKED_OUT_MS)
    settled(page)
    words = f"Sand dried / 型砂已烘干 {language}"
    button.click()
    dialog = page.locator(".fc-dialog")
    dialog.get_by_role("button", name=text("Put on record").say(language)).click()
    # Nothing said yet: the repair is told, and the dialogue stays.
    dialog.get_by_text(text("Say what was found and what was done about it.").say(language)).wait_for()
    dialog.locator("textarea").fill(words)
    dialog.get_by_role("button", name=text("Put on record").say(language)).click()
    page.get_by_text(words).first.wait_for(timeout=WORKED_OUT_MS)
    with PlantFolder.open(server.folder) as plant:
        [row] = [row for row in plant.records.read("action") if row["what"] == words]
    assert row["owner"] == "operator"


def test_a_viewer_sees_the_chart_and_no_button(signed_in, to, server):
    server.warm(*DOORS)
    page = signed_in("viewer")
    page.goto(to(CHART))
    page.locator(".fc-chart").first.wait_for(timeout=WORKED_OUT_MS)
    settled(page)
    assert page.get_by_role("button", name="Note what was done").count() == 0


@pytest.mark.slow
def test_the_first_page_leads_to_the_chart(signed_in, to, language, server):
    server.warm("quality/out-of-control", *DOORS)
    page = signed_in("engineer", language=language)
    page.goto(to("quality"))
    heading = page.get_by_role("heading", name=text("Out of control now").say(language))
    heading.wait_for(timeout=WORKED_OUT_MS)
    first = page.locator(".fc-table a").first
    first.wait_for(timeout=WORKED_OUT_MS)
    settled(page)
    first.click()
    page.wait_for_url("**/quality/chart?**")
    page.locator("h1", has_text=text("Control charts").say(language)).wait_for()


@pytest.mark.parametrize(
    ("path", "doors"),
    [
        ("quality/chart", ()),
        (CHART, DOORS[:1]),
        ("quality/capability?field=heat.C_percent&by=alloy&lower=3.2&upper=3.9",
         ("quality/capability?field=heat.C_percent&by=alloy&lower=3.2&upper=3.9",)),
        ("quality/defects", ("quality/pareto",)),
        ("quality/dimensions", ("quality/tolerance",)),
        ("quality/failure-modes", ("quality/fmea",)),
        ("quality/sampling", ()),
        ("quality/gauges", ()),
        ("quality/scatter?field=heat.tap_temperature_degC&within=furnace",
         ("quality/scatter?field=heat.tap_temperature_degC&within=furnace",)),
        ("quality/containment", ()),
        ("quality/rejects", ()),
    ],
)  # fmt: skip
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


def test_a_plan_is_worked_out_from_the_form(signed_in, to, language):
    page = signed_in("engineer", language=language)
    page.goto(to("quality/sampling"))
    settled(page)
    label = text("Bad lots: share of bad pieces").say(language)
    page.get_by_label(label).fill("0.2")
    page.get_by_role("button", name=text("Work out").say(language)).click()
    page.wait_for_url("**bad_share=0.2**")
    # 1 % good and 20 % bad, with risks of 5 and 10 %: two bad ones of 18 are one too many (binomial, by hand).
    page.get_by_text(
        text("Take {n} pieces; accept the lot with up to {c} bad.", n="18", c=1).say(language)
    ).first.wait_for()


def test_a_wrong_address_tells_the_repair(signed_in, to):
    page = signed_in("engineer")
    page.goto(to("quality/sampling?good_share=7"))
    expect(page.get_by_role("alert")).to_contain_text("change the field and ask again")


def test_a_repair_names_the_fields_of_the_page(signed_in, to, language, watch):
    watch.allowed.add(422)
    page = signed_in("engineer", language=language)
    page.goto(to("quality/chart?field=piece.result&kind=i-mr"))
    settled(page)
    label = text("Kind of chart").say(language)
    refused = page.locator(".fc-error")
    expect(refused).to_contain_text(f"“{label}” p", timeout=WORKED_OUT_MS)
    expect(refused).not_to_contain_text("--")
