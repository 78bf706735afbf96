"""Pages that stand in for commands: each is there, and so is each command."""

from __future__ import annotations

import re

import click
import pytest

from forgecast.app.cli.main import cli
from forgecast.app.pages.mount import declare
from forgecast.app.pages.page import PAGES
from forgecast.app.pages.parts.instead import PAGES_OF_COMMANDS, in_fields, pages_instead
from forgecast.ground.texts import text
from forgecast.store.server.rights import Right

declare()


class Visit:
    """Somebody who may see and record, and no more."""

    language = "en"

    def may(self, right: Right) -> bool:
        return right in {Right.SEE, Right.RECORD}

    def link(self, path: str) -> str:
        return f"/plant/{path}"


def shown(repair: str) -> list[str]:
    """Return where the links of a repair lead."""
    links = pages_instead(Visit(), {"en": repair, "zh": repair})
    return [re.search('href="([^"]+)"', str(one))[1] for one in links]


@pytest.mark.parametrize("words", PAGES_OF_COMMANDS)
def test_command_and_page_are_there(words):
    command: click.Command = cli
    for name in words.split(" "):
        assert isinstance(command, click.Group)
        context = click.Context(command)
        command = command.get_command(context, name)
        assert command is not None, f"there is no {name} of {words}"
    path = PAGES_OF_COMMANDS[words]
    assert path in {page.path for page in PAGES}


def test_repair_leads_to_the_pages_that_do_it():
    said = text("see `forgecast signals latest PLANT`, or take it in: forgecast plant import").say("en")
    assert shown(said) == ["/plant/live/readings", "/plant/data/import"]


def test_row_to_be_recorded_leads_to_its_own_form():
    assert shown("enter it: forgecast plant record PLANT product id=P1 cn_code=1") == ["/plant/data/enter/product"]
    assert shown("say so with `forgecast plant record`") == []


def test_page_that_the_visitor_may_not_see_is_not_named():
    assert shown("write one with `forgecast casting alloys`, and `forgecast server account`") == [
        "/plant/casting/materials"
    ]
    assert shown("try `forgecast forging flow-stress fit`") == ["/plant/forging/flow-stress"]


LABELS = {
    "bearing": "轴承",
    "balls": "滚动体数",
    "ball_mm": "滚动体直径",
    "since_on": "从",
    "low_mm": "下",
    "low_kg": "下限",
}


@pytest.mark.parametrize(
    ("repair", "shown_as"),
    [
        ("请给出--bearing，或--balls与--ball", "请给出“轴承”，或“滚动体数”与“滚动体直径”"),
        ("give --since before --until", "give “从” before --until"),
        ("see `forgecast plant show --bearing`", "see `forgecast plant show --bearing`"),
        ("give --low", "give --low"),  # two fields could be meant
    ],
)
def test_options_are_named_as_the_fields_of_the_page_are(repair, shown_as):
    assert in_fields(repair, LABELS) == shown_as
