"""Drafts of forms, and requests that named themselves."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from forgecast.ground.errors import ForgecastError
from forgecast.store.server import drafts, said_before
from forgecast.store.server.database import ServerStore
from forgecast.store.server.presence import Presence
from forgecast.store.server.said_before import Standing


def test_a_draft_is_kept_for_one_form_of_one_person_in_one_plant(served):
    store = served.store
    drafts.save(store, 1, "p1", "heat", {"炉号": "H1", "kg": None})
    drafts.save(store, 1, "p1", "heat", {"炉号": "H2"})
    with ServerStore(served.url) as again:
        assert drafts.load(again, 1, "p1", "heat").content == {"炉号": "H2"}
    for account, plant, form in ((2, "p1", "heat"), (1, "p2", "heat"), (1, "p1", "charge")):
        assert drafts.load(store, account, plant, form) is None
    drafts.drop(store, 1, "p1", "heat")
    assert drafts.load(store, 1, "p1", "heat") is None


def test_a_draft_has_its_limit_and_old_ones_go(served):
    with pytest.raises(ForgecastError):
        drafts.save(served.store, 1, "p1", "heat", {"x": "铸" * drafts.LARGEST_BYTES})
    drafts.save(served.store, 1, "p1", "heat", {})
    saved = drafts.load(served.store, 1, "p1", "heat").saved_us
    assert drafts.forget_old(served.store, saved_before_us=saved) == 0
    assert drafts.forget_old(served.store, saved_before_us=saved + 1) == 1


def begin(served, presence: Presence, *, account: int = 1, key: str = "k", request: str = "r", mark: str = "link 7"):
    return said_before.begin(
        served.store, served.home, account_id=account, key=key, request_hash=request, presence=presence.name, mark=mark
    )


def test_the_same_request_has_the_same_answer_and_another_is_refused(served):
    with Presence(served.home, "web") as web:
        assert begin(served, web).standing is Standing.NEW
        assert begin(served, web).standing is Standing.IN_FLIGHT
        assert begin(served, web, request="other").standing is Standing.OTHER
        assert begin(served, web, account=2).standing is Standing.NEW
        said_before.answered(served.store, 1, "k", status=201, body='{"id":"H1"}')
        said = begin(served, web)
        assert (said.standing, said.status, said.body) == (Standing.ANSWERED, 201, '{"id":"H1"}')
        assert begin(served, web, request="other").standing is Standing.OTHER


def test_one_of_many_that_send_the_same_carries_it_out(served):
    with Presence(served.home, "web") as web, ThreadPoolExecutor(10) as pool:
        found = list(pool.map(lambda _: begin(served, web).standing, range(40)))
    assert found.count(Standing.NEW) == 1
    assert found.count(Standing.IN_FLIGHT) == 39


def test_what_became_of_a_request_whose_server_died_is_not_known_and_it_is_not_done_again(served):
    with Presence(served.home, "web") as died:
        begin(served, died)
    with Presence(served.home, "web") as web:
        for _ in range(2):
            said = begin(served, web)
            assert (said.standing, said.mark) == (Standing.NOT_KNOWN, "link 7")
        begin(served, web, key="k2")
        said_before.lost(served.store, 1, "k2", mark="link 9")
        assert begin(served, web, key="k2").standing is Standing.NOT_KNOWN


def test_a_refused_request_may_be_tried_again(served):
    with Presence(served.home, "web") as web:
        begin(served, web)
        said_before.forget(served.store, 1, "k")
        assert begin(served, web).standing is Standing.NEW
        said_before.answered(served.store, 1, "k", status=200, body="{}")
        said_before.forget(served.store, 1, "k")
        said = begin(served, web)
        assert said.standing is Standing.ANSWERED, "what was carried out is not forgotten"
        said_before.forget_old(served.store, before_us=said.begun_us + 1)
        assert begin(served, web).standing is Standing.NEW
