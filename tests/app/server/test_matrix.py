"""Role x route x tenant: nobody sees or changes another's; every route of the API says which right it needs."""

from __future__ import annotations

import re
from functools import lru_cache

import pytest
from fastapi.routing import iter_route_contexts

from forgecast.app.doors.asking import Asker, ask
from forgecast.app.doors.door import Way
from forgecast.app.doors.shelf import doors
from forgecast.app.server.identity import is_public
from forgecast.app.server.refusals import NotPermittedError, NotThereError
from forgecast.store.server.jobs import new_job, submit
from forgecast.store.server.rights import Right, Role, rights_of_roles
from tests.stores.server_people import PLANTS

API = "/api/v1"
OWN = "own"
#: Routes whose right depends on what they are about: a job is seen by whoever may open its door, an upload is its
#: sender's. All of them need at least the plant to be seen. A new route stands here, or says its right (``x-right``).
BY_SUBJECT = (f"{API}/plants/{{plant}}/jobs", f"{API}/plants/{{plant}}/uploads", f"{API}/plants/{{plant}}/drafts")
#: The description of the API, and "there is nothing here".
SIGNED_IN_ONLY = frozenset({f"{API}/openapi.json", "/api/{_rest:path}"})
FILLED = {
    "job": "0" * 32,
    "upload": "0" * 32,
    "name": "x",
    "account": "999",
    "grant": "999",
    "token": "999",
    "session": "x",
}


def _routes(app):
    for route in iter_route_contexts(app.routes):
        path = getattr(route, "path", None)
        if path is None or is_public(path):
            continue
        for method in sorted(getattr(route, "methods", None) or ()):
            if method not in {"HEAD", "OPTIONS"}:
                yield method, path, route


def _declared(path, route):
    said = (getattr(route, "openapi_extra", None) or {}).get("x-right")
    if said is not None:
        return said if said == OWN else Right(said)
    if path.startswith(BY_SUBJECT):
        return Right.SEE
    return OWN if path in SIGNED_IN_ONLY else None


def _filled(path, *, plant="a1", enterprise="north"):
    names = FILLED | {"plant": plant, "enterprise": enterprise}
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: names.get(found[1], "x"), path)


@lru_cache(maxsize=1)
def _about_plants(app):
    return [(method, path, route) for method, path, route in _routes(app) if "{plant}" in path]


@lru_cache(maxsize=1)
def _about_enterprises(app):
    return [(method, path, route) for method, path, route in _routes(app) if "{enterprise}" in path]


def _is_problem(answer, code):
    return answer.json()["ok"] is False and answer.json()["error"]["code"] == code


def test_there_are_routes_to_walk(server):
    assert len(_about_plants(server.app)) >= len(doors())
    assert len(_about_enterprises(server.app)) >= 8


def test_every_route_of_the_api_says_what_it_needs(server):
    silent = [f"{method} {path}" for method, path, route in _routes(server.app) if _declared(path, route) is None]
    assert [one for one in silent if one.partition(" ")[2].startswith("/api/")] == []


def test_a_route_that_says_nothing_is_found():
    assert _declared(f"{API}/plants/{{plant}}/new", None) is None


def test_whoever_is_not_signed_in_gets_nothing_of_the_api(server):
    stranger = server.stranger()
    for method, path, _ in _routes(server.app):
        if path.startswith("/api/"):
            answer = stranger.ask(method, _filled(path))
            assert answer.status_code == 401, path
            assert _is_problem(answer, "not-signed-in"), path


def test_whoever_is_not_signed_in_is_led_from_a_page_to_signing_in(server):
    for path in ("/", "/a1/home", "/a1/melt/charge", "/password", "/nothing", "/_nicegui/x.js"):
        answer = server.stranger().get(path)
        assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/sign-in"), path


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("plant", ["a2", "b1"])
def test_a_plant_that_is_not_to_be_seen_is_not_there(server, role, plant):
    person = server.signed_in(f"a1-{role.value}")
    for method, path, _ in _about_plants(server.app):
        answer = person.ask(method, _filled(path, plant=plant))
        assert answer.status_code == 404, f"{method} {path}: {answer.status_code} {answer.text[:200]}"
    nowhere = person.get(f"{API}/plants/{plant}/plant/overview").json()["error"]
    assert nowhere["code"] == person.get(f"{API}/plants/no-such-plant/plant/overview").json()["error"]["code"]


@pytest.mark.parametrize("role", Role)
def test_another_enterprise_is_not_there(server, role):
    for name in (f"a1-{role.value}", f"north-{role.value}"):
        person = server.signed_in(name)
        for method, path, _ in _about_enterprises(server.app):
            answer = person.ask(method, _filled(path, enterprise="south"), json=_body(path, method))
            # A plant is made by the server's administrator alone, wherever.
            unmade = path.endswith("/plants") and method == "POST"
            assert answer.status_code == (403 if unmade else 404), f"{name} {method} {path} {answer.text[:200]}"


@pytest.mark.parametrize("role", Role)
def test_over_an_enterprise_a_role_does_what_it_may_and_no_more(server, role):
    person = server.signed_in(f"north-{role.value}")
    below = server.signed_in(f"a1-{role.value}")
    for method, path, route in _about_enterprises(server.app):
        right = _declared(path, route)
        may = right in rights_of_roles()[role] and not (path.endswith("/plants") and method == "POST")
        answer = person.ask(method, _filled(path, enterprise="north"), json=_body(path, method))
        assert (answer.status_code != 403) == may, f"{role} {method} {path}: {answer.status_code} {answer.text[:300]}"
        # Who has a role in one plant only sees whose it is, and may nothing over it.
        answer = below.ask(method, _filled(path, enterprise="north"), json=_body(path, method))
        assert answer.status_code == 403, f"{role} {method} {path}: {answer.status_code}"


def _body(path, method):
    """Return a form that fits, and whose person or plant is not there: it is refused after the right was asked for."""
    if method not in {"POST", "PATCH"}:
        return None
    if path.endswith("/grants"):
        return {"account": "no-such-person", "role": "viewer"}
    if path.endswith("/accounts"):
        return {"name": "no", "role": "viewer", "password": "short"}
    if path.endswith("/plants"):
        return {"id": "api", "name": "n"}
    return {}


@pytest.mark.parametrize("role", Role)
def test_a_door_opens_for_its_right_only(server, role):
    held = rights_of_roles()[role]
    asker = Asker(1, "x", "en", held)
    for door in doors().values():
        question = door.asks.model_construct()
        if door.right not in held:
            with pytest.raises(NotPermittedError):
                ask(server.house, asker, "a1", door, question)
        with pytest.raises(NotThereError):
            ask(server.house, Asker(1, "x", "en", frozenset()), "a1", door, question)


@pytest.mark.parametrize("role", Role)
def test_a_door_is_shut_over_the_network_too(server, role):
    held = rights_of_roles()[role]
    person = server.signed_in(f"a1-{role.value}")
    for method, path, route in _about_plants(server.app):
        if _declared(path, route) in held or path.startswith(BY_SUBJECT):
            continue
        answer = person.ask(method, _filled(path), json={} if method == "POST" else None)
        # Not 422: nothing is said of a question to somebody who may not ask it.
        assert answer.status_code == 403, f"{role} {method} {path}: {answer.status_code}"


@pytest.mark.parametrize("role", Role)
def test_a_file_is_given_and_seen_by_whoever_records_or_engineers(server, role):
    may = bool(rights_of_roles()[role] & {Right.RECORD, Right.ENGINEER})
    person = server.signed_in(f"a1-{role.value}")
    walked = [(method, path) for method, path, _ in _about_plants(server.app) if path.startswith(BY_SUBJECT[1])]
    assert len(walked) >= 7
    for method, path in walked:
        # Nothing fits: whoever may is told what does not, whoever may not is not.
        answer = person.ask(method, _filled(path))
        assert (answer.status_code == 403) != may, f"{role} {method} {path}: {answer.status_code}"


def _job(server, door, account):
    new = new_job("a1", server.people.ids[account], door.id, "{}", answer_key="", language="en")
    with server.house.store.writing() as connection:
        return submit(connection, new, answer_lies=lambda: False)


@pytest.mark.slow
@pytest.mark.parametrize("role", Role)
def test_a_job_is_seen_by_whoever_may_open_its_door(server, role):
    for right in Right:
        door = next((door for door in doors().values() if door.way is Way.RUN and door.right is right), None)
        if door is None:
            continue
        job = _job(server, door, "a1-admin")
        person, other = server.signed_in(f"a1-{role.value}"), server.signed_in(f"a2-{role.value}")
        sees = right in rights_of_roles()[role]
        for below in ("", "/files", "/answer"):
            answer = person.get(f"{API}/plants/a1/jobs/{job.id}{below}")
            assert answer.status_code in ({200, 409} if sees else {404}), f"{role} {right} {below}"
            assert other.get(f"{API}/plants/a1/jobs/{job.id}{below}").status_code == 404
            # Not under the name of a plant that one does see, either.
            assert other.get(f"{API}/plants/a2/jobs/{job.id}{below}").status_code == 404
        listed = {one["id"] for one in person.get(f"{API}/plants/a1/jobs").json()["jobs"]}
        assert (job.id in listed) == sees
        stopped = person.post(f"{API}/plants/a1/jobs/{job.id}/stop").status_code
        may_stop = role is Role.ADMIN or Right.MANAGE in rights_of_roles()[role]
        assert stopped == ((202 if may_stop else 403) if sees else 404), f"{role} {right}: {stopped}"


def test_the_start_leads_to_what_one_sees(server):
    for name, way in (("a1-viewer", "/a1/home"), ("south-admin", "/b1/home"), ("north-auditor", "/a1/home")):
        answer = server.signed_in(name).get("/")
        assert (answer.status_code, answer.headers["location"]) == (303, way)
    nobody = server.signed_in("nobody")
    answer = nobody.get("/")
    assert answer.status_code == 200
    assert "No plant yet" in answer.text
    assert 'action="/sign-out"' in answer.text
    assert 'lang="zh-CN"' in nobody.get("/", params={"lang": "zh"}).text
    assert all(plant not in answer.text for plant in ("A1", "B1"))


@pytest.mark.slow
def test_a_door_that_needs_to_be_told_nothing_opens_over_the_network(server):
    viewer = server.signed_in("a1-viewer")
    opened = 0
    for door in doors().values():
        needs_nothing = all(not field.is_required() for field in door.asks.model_fields.values())
        if door.way is Way.READ and door.right is Right.SEE and needs_nothing:
            answer = viewer.get(f"{API}/plants/a1/{door.area}/{door.name}")
            assert answer.status_code not in {401, 403, 404}, f"{door.id}: {answer.text[:200]}"
            opened += 1
    assert opened > 0


def test_what_is_listed_is_ones_own(server):
    for name, seen, owners in (
        ("a1-viewer", ["a1"], ["north"]),
        ("north-auditor", ["a1", "a2"], ["north"]),
        ("south-admin", ["b1"], ["south"]),
        ("server-viewer", sorted(PLANTS), ["north", "south"]),
        ("nobody", [], []),
    ):
        person = server.signed_in(name)
        assert [one["id"] for one in person.get(f"{API}/plants").json()["plants"]] == seen
        assert [one["id"] for one in person.get(f"{API}/enterprises").json()["enterprises"]] == owners
        assert [one["id"] for one in person.get(f"{API}/me").json()["plants"]] == seen


def test_an_administrator_sees_only_his_own_people(server):
    admin = server.signed_in("north-admin")
    names = {one["name"] for one in admin.get(f"{API}/enterprises/north/accounts").json()["accounts"]}
    assert names
    assert all(name.startswith(("a1-", "a2-", "north-")) for name in names)
    grants = admin.get(f"{API}/enterprises/north/grants").json()["grants"]
    assert {one["account"] for one in grants} == names
    other = server.people.ids["south-viewer"]
    assert admin.ask("PATCH", f"{API}/enterprises/north/accounts/{other}", json={"disabled": True}).status_code == 404


@pytest.mark.slow
@pytest.mark.parametrize("right", Right)
def test_a_token_with_one_right_does_nothing_else(server, right):
    program = server.program("server-admin", [right])
    for method, path, route in _about_plants(server.app):
        declared = _declared(path, route)
        if declared == right or path.startswith(BY_SUBJECT):
            continue
        answer = program.ask(method, _filled(path), json={} if method == "POST" else None)
        assert answer.status_code == 403, f"{right} {method} {path}: {answer.status_code}"


def test_a_token_of_one_plant_opens_no_other(server):
    program = server.program("server-admin", list(Right), plant="a1")
    for method, path, _ in _about_plants(server.app):
        assert program.ask(method, _filled(path, plant="a2")).status_code == 404
    for method, path, _ in _about_enterprises(server.app):
        assert program.ask(method, _filled(path), json=_body(path, method)).status_code == 403
    assert program.get(f"{API}/deeds").status_code == 403
