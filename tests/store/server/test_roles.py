"""What roles may: the table is sound, and nobody may more than his work needs."""

from __future__ import annotations

import csv
from collections import Counter
from importlib import resources

from forgecast.store.server.rights import Right, Role, rights_of_roles


def _rows():
    place = resources.files("forgecast.store.server") / "role_right.csv"
    with place.open(encoding="utf-8", newline="") as file:
        return [(row["role"], row["right"]) for row in csv.DictReader(file)]


def test_every_line_is_known_and_stands_once():
    rows = _rows()
    assert {role for role, _ in rows} == {role.value for role in Role}
    assert {right for _, right in rows} == {right.value for right in Right}
    assert [row for row, count in Counter(rows).items() if count > 1] == []


def test_whoever_is_anything_sees():
    assert all(Right.SEE in rights for rights in rights_of_roles().values())


def test_the_administrator_may_everything_and_nobody_else_lets_people_in():
    rights = rights_of_roles()
    assert rights[Role.ADMIN] == frozenset(Right)
    assert [role for role in Role if Right.ADMINISTER in rights[role]] == [Role.ADMIN]


def test_whoever_looks_only_changes_nothing():
    rights = rights_of_roles()
    assert rights[Role.VIEWER] == {Right.SEE}
    # Who audits must not be able to change what he audits.
    assert rights[Role.AUDITOR] == {Right.SEE, Right.AUDIT}


def test_whoever_records_does_not_release():
    assert Right.RELEASE not in rights_of_roles()[Role.OPERATOR]
    assert rights_of_roles()[Role.OPERATOR] == {Right.SEE, Right.RECORD}
