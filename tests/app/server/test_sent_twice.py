"""What is sent twice about people and plants is done once: the second is told that it is there already."""

from __future__ import annotations

import pytest

from forgecast.store.server import accounts, grants, plants

API = "/api/v1"
SENT = [
    ("/enterprises", {"id": "west", "name": "West"}),
    ("/enterprises/south/plants", {"id": "b2", "name": "B2"}),
    (
        "/enterprises/south/accounts",
        {"name": "sun", "role": "viewer", "password": "a sentence nobody guesses"},
    ),
    ("/enterprises/south/grants", {"account": "south-viewer", "role": "operator", "plant": "b1"}),
]


def _held(server):
    with server.house.store.reading() as connection:
        return (
            [one.id for one in plants.enterprises(connection)],
            [one.id for one in plants.plants(connection)],
            [one.name for one in accounts.accounts(connection)],
            [one.id for one in grants.grants_within(connection, "south")],
        )


@pytest.mark.parametrize(("path", "form"), SENT, ids=[path for path, _ in SENT])
def test_what_is_there_already_is_refused_and_nothing_changes(server, path, form):
    admin, before = server.signed_in("server-admin"), _held(server)
    assert admin.post(f"{API}{path}", json=form).status_code == 201
    once = _held(server)
    assert once != before
    answer = admin.post(f"{API}{path}", json=form)
    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "conflict"
    assert _held(server) == once


def test_a_secret_is_not_kept_to_be_told_again(server):
    viewer, form = server.signed_in("a1-viewer"), {"name": "twice", "rights": ["see"]}
    made = [
        viewer.post(f"{API}/me/tokens", json=form, headers={"Idempotency-Key": "the same"}).json() for _ in range(2)
    ]
    assert made[0]["secret"] != made[1]["secret"]
    assert made[0]["token"]["id"] != made[1]["token"]["id"]
    listed = viewer.get(f"{API}/me/tokens").text
    assert all(one["secret"] not in listed for one in made)
