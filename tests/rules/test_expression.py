"""The rule language: Kleene logic, what is missing, and what it refuses."""

from datetime import date
from itertools import product

import pytest

from forgecast.ground.errors import BookError
from forgecast.rules.expression import Grammar, Lack, Need, compile_expression, literals


class Scene:
    def __init__(self, values, units=None):
        self.values, self.units = values, units or {}

    def look(self, name):
        return self.values.get(name, Need(name))

    def unit(self, name):
        return self.units.get(name, "")


def ask(source, values=None, *, units=None, **grammar):
    expression = compile_expression(source, Grammar("stack", **grammar))
    return expression.evaluate(
        Scene({f"stack.{k}" if "." not in k else k: v for k, v in (values or {}).items()}, units)
    )


#: 7 May is thirty days after 7 April.
MAY = {"period.last": date(2024, 5, 7)}
RANK = {False: 0, None: 1, True: 2}


@pytest.mark.parametrize(("a", "b"), list(product([True, False, None], repeat=2)))
def test_and_or_not_are_kleene(a, b):
    """Kleene's strong logic: and is the minimum, or the maximum, of false < unknown < true."""
    values = {k: v for k, v in (("a", a), ("b", b)) if v is not None}
    assert RANK[ask("a and b", values).value] == min(RANK[a], RANK[b])
    assert RANK[ask("a or b", values).value] == max(RANK[a], RANK[b])
    assert ask("not a", values).value is (None if a is None else not a)


def test_only_names_that_could_still_turn_the_answer_are_asked_for():
    assert [n.name for n in ask("a and b and c", {"b": True}).needs] == ["stack.a", "stack.c"]
    assert ask("a and b", {"b": False}).needs == ()
    assert [n.name for n in ask("(a or b) and c", {"b": True}).needs] == ["stack.c"]
    assert [n.name for n in ask("(a or b) == c", {"b": True}).needs] == ["stack.c"]
    assert [n.name for n in ask("site.sector == 'C3391'").needs] == ["site.sector"]


@pytest.mark.parametrize(
    ("source", "values", "expected"),
    [
        ("furnace in ('cupola', 'gas')", {"furnace": "gas"}, True),
        ("furnace not in ('cupola', 'gas')", {"furnace": "gas"}, False),
        ("stack.height * 2 - 1 >= 3 / 1", {"height": 2.0}, True),
        ("0 < height <= 15", {"height": 15}, True),
        ("0 < height <= 15", {"height": 15.1}, False),
        ("built >= '2021-01-01'", {"built": date(2021, 1, 1)}, True),
        ("built >= '2021-01-01'", {"built": date(2020, 12, 31)}, False),
        ("hot == false", {"hot": False}, True),
        ("period.last - issued <= param.days", {"issued": date(2024, 4, 7), **MAY, "param.days": 30.0}, True),
        ("period.last - issued <= param.days", {"issued": date(2024, 4, 6), **MAY, "param.days": 30.0}, False),
        ("issued + param.days > period.last", {"issued": date(2024, 4, 8), **MAY, "param.days": 30.0}, True),
        ("issued + param.days > period.last", {"issued": date(2024, 4, 7), **MAY, "param.days": 30.0}, False),
        ("period.last - issued <= param.days", {**MAY, "param.days": 30.0}, None),
        ("issued + issued > period.last", {"issued": date(2024, 4, 7), **MAY}, None),
        ("height == -2", {"height": -2}, True),
    ],
)
def test_values(source, values, expected):
    assert ask(source, values, params=frozenset({"days"})).value is expected


@pytest.mark.parametrize(
    ("source", "values"),
    [
        ("height > 3", {"height": "tall"}),
        ("hot > 3", {"hot": True}),
        ("hot == 1", {"hot": True}),
        ("hot in (0, 1)", {"hot": True}),
        ("furnace and hot", {"furnace": "cupola", "hot": True}),
        ("furnace", {"furnace": "cupola"}),
        ("not furnace", {"furnace": "cupola"}),
        ("height / zero > 1", {"height": 1.0, "zero": 0.0}),
        ("height < 3", {"height": float("nan")}),
        ("height > 3", {"height": float("inf")}),
        ("built > 'soon'", {"built": date(2021, 1, 1)}),
    ],
)
def test_a_value_of_the_wrong_kind_is_unknown_never_true(source, values):
    answer = ask(source, values)
    assert answer.value is None
    assert answer.needs


def test_a_unit_that_differs_from_the_books_is_unknown():
    values, units = {"capacity": 300.0, "param.size": 250.0}, {"stack.capacity": "t", "param.size": "kg"}
    answer = ask("capacity >= param.size", values, units=units, params=frozenset({"size"}))
    assert answer.value is None
    assert answer.needs == (Need("stack.capacity", Lack.UNIT),)
    units["stack.capacity"] = "kg"
    assert ask("capacity >= param.size", values, units=units, params=frozenset({"size"})).value is True


def test_definitions_stand_for_their_text_with_their_own_brackets():
    definitions = {"gas": "furnace == 'gas' or hot", "both": "gas and tall"}
    assert ask("both", {"furnace": "gas", "tall": False}, definitions=definitions).value is False
    with pytest.raises(BookError, match="uses itself"):
        compile_expression("a", Grammar("stack", definitions={"a": "b", "b": "a"}))


@pytest.mark.parametrize(
    "source",
    [
        "__import__('os').system('true')", "open('x')", "a.b.c", "other.x", "lambda: 1", "[x for x in (1,)]",
        "a if b else c", "f'{a}'", "a[0]", "a ** 2", "a is b", "a in b", "a in ('x', b)", "(a := 1)", "a and", "",
        "param.unknown", "a = 1",
        "a & b", "~a", "'x' 'y' if a else b", "None", "...", "b'x'",
    ],
)  # fmt: skip
def test_anything_else_is_refused_with_what_is_allowed(source):
    with pytest.raises(BookError) as caught:
        compile_expression(source, Grammar("stack", where="limits.yaml:x"))
    assert caught.value.where == "limits.yaml:x"
    assert str(caught.value.repair)


def test_bare_numbers_are_found():
    assert literals("a >= 3 and b == 'x'") == (3,)
    assert literals("a >= param.x and hot == true") == ()
