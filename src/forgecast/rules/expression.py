"""The small language in which a rulebook says whom a rule applies to: names, comparisons, and, or, not.

An expression is read once with `ast` in eval mode, checked against a short list of allowed forms, and turned into
closures. It is evaluated in three-valued (Kleene) logic: a fact that is missing is *unknown*, and an answer is
unknown exactly where the missing facts could still turn it. Nothing is ever run as Python.

Days: a fact that is a date is compared with another, with ``'2021-01-01'``, and with ``period.first`` and
``period.last``, the first and the last day judged. A date less a date is a number of days; a date and a number of days
is a date: ``period.last - issued_on <= param.days``.
"""

from __future__ import annotations

import ast
import contextlib
import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import Enum, StrEnum
from functools import lru_cache
from typing import Final, Protocol, TypeAlias

from forgecast.ground.errors import BookError
from forgecast.ground.texts import text
from forgecast.rules.fact import FactValue


class Unknown(Enum):
    """The third truth value, and the value of a fact that is missing."""

    UNKNOWN = "unknown"


UNKNOWN: Final = Unknown.UNKNOWN
Value: TypeAlias = "FactValue | Unknown"


class Lack(StrEnum):
    """Why a name gave no value."""

    ABSENT = "absent"
    KIND = "kind"
    UNIT = "unit"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True, order=True)
class Need:
    """A name that would settle an unknown answer (``site.sector``), and what is wrong with it now."""

    name: str
    lack: Lack = Lack.ABSENT


class Scene(Protocol):
    """What an expression is evaluated over."""

    def look(self, name: str) -> FactValue | Need:
        """Return the value of a full name (``stack.furnace``, ``param.trigger``), or what is lacking."""

    def unit(self, name: str) -> str:
        """Return the unit of a full name; empty where it has none."""


@dataclass(frozen=True, slots=True)
class Answer:
    """True, false, or None for unknown; the names that would settle it; and all names that were read."""

    value: bool | None
    needs: tuple[Need, ...]
    used: tuple[str, ...]


@dataclass(slots=True)
class _Run:
    scene: Scene
    needs: list[Need] = field(default_factory=list)
    used: dict[str, None] = field(default_factory=dict)


_Step: TypeAlias = Callable[[_Run], Value]


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression.

    Parameters
    ----------
    text : str
        As written in the book.
    names : tuple of str
        Full names it may read.
    """

    text: str
    names: tuple[str, ...]
    step: _Step = field(repr=False, compare=False)

    def evaluate(self, scene: Scene) -> Answer:
        """Return the answer over a scene."""
        run = _Run(scene)
        value = self.step(run)
        if value is UNKNOWN:
            return Answer(None, tuple(dict.fromkeys(run.needs)), tuple(run.used))
        if not isinstance(value, bool):
            return Answer(None, tuple(Need(name, Lack.KIND) for name in self.names), tuple(run.used))
        return Answer(value, (), tuple(run.used))


#: Applies to everything; used where a book writes no condition.
ALWAYS = Expression("true", (), lambda _run: True)

_COMPARE: dict[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_ARITHMETIC: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_WORD = re.compile(r"[A-Za-z_]\w*")
#: Days every expression may read: the first and the last day judged.
PERIOD = ("first", "last")
_FORMS = (
    "names, site.x, param.x, figure.x, period.first, period.last, 'text', true, false, "
    "== != < <= > >=, in (…), and, or, not, + - * /"
)


@dataclass(frozen=True, slots=True)
class Grammar:
    """What names an expression may use.

    Parameters
    ----------
    kind : str
        Kind of the subject; a bare name is a fact of it, ``<kind>.name`` the same.
    params : frozenset of str
        Names of the book's numbers, reached as ``param.name``.
    definitions : mapping of str to str
        Named expressions that may stand in place of a bare name.
    where : str
        File and entry for errors.
    """

    kind: str
    params: frozenset[str] = frozenset()
    definitions: Mapping[str, str] = field(default_factory=dict)
    where: str = ""


def compile_expression(source: str, grammar: Grammar) -> Expression:
    """Read an expression and refuse anything outside the language.

    Raises
    ------
    BookError
        With the place, the part that is not understood, and what may stand there instead.
    """
    definitions = tuple(_reached(source, grammar.definitions).items())
    return _compiled(source, grammar.kind, grammar.params, definitions, grammar.where)


def _reached(source: str, definitions: Mapping[str, str]) -> dict[str, str]:
    """Return the definitions a text can reach, so that the others do not part equal expressions."""
    found: dict[str, str] = {}
    open_texts = [source]
    while open_texts:
        for word in _WORD.findall(open_texts.pop()):
            if word in definitions and word not in found:
                found[word] = definitions[word]
                open_texts.append(definitions[word])
    return found


@lru_cache(maxsize=8192)
def _compiled(
    source: str, kind: str, params: frozenset[str], definitions: tuple[tuple[str, str], ...], where: str
) -> Expression:
    # Kept between calls: a book laid over with many overlays, or read again, compiles only what changed.
    grammar = Grammar(kind, params, dict(definitions), where)
    builder = _Builder(grammar, source)
    step = builder.build(_inlined(_parsed(source, grammar), grammar, ()))
    return Expression(" ".join(source.split()), tuple(builder.names), step)


def _parsed(source: str, grammar: Grammar) -> ast.expr:
    try:
        return ast.parse(" ".join(source.split()), mode="eval").body
    except (SyntaxError, ValueError):
        raise BookError(
            text("`{expression}` is no expression", expression=source),
            where=grammar.where,
            repair=text("close every bracket and quote; allowed are: {forms}", forms=_FORMS),
        ) from None


class _Inline(ast.NodeTransformer):
    """Puts the text of a definition in place of its name."""

    def __init__(self, grammar: Grammar, path: tuple[str, ...]) -> None:
        self.grammar = grammar
        self.path = path

    def visit_Name(self, name: ast.Name) -> ast.expr:
        """Replace a bare name that is a definition, whose own definitions are replaced in turn."""
        if name.id not in self.grammar.definitions:
            return name
        if name.id in self.path:
            raise BookError(
                text("the definition `{name}` uses itself", name=name.id),
                where=self.grammar.where,
                repair=text("write the definition without its own name"),
            )
        inner = _parsed(self.grammar.definitions[name.id], self.grammar)
        return _inlined(inner, self.grammar, (*self.path, name.id))

    def visit_Attribute(self, attribute: ast.Attribute) -> ast.expr:
        """Leave ``site.x`` alone: its parts are no definitions."""
        return attribute


def _inlined(node: ast.expr, grammar: Grammar, path: tuple[str, ...]) -> ast.expr:
    result = _Inline(grammar, path).visit(node)
    assert isinstance(result, ast.expr)  # noqa: S101  (the transformer returns expressions only)
    return result


class _Builder:
    """Turns checked nodes into closures and collects the names they read."""

    def __init__(self, grammar: Grammar, source: str) -> None:
        self.grammar = grammar
        self.source = source
        self.names: dict[str, None] = {}

    def build(self, node: ast.expr) -> _Step:  # noqa: PLR0911  (one return for each form of the language)
        match node:
            case ast.BoolOp():
                parts = [(self.build(part), self._names_in(part)) for part in node.values]
                return _junction(parts, decides=isinstance(node.op, ast.Or))
            case ast.UnaryOp(op=ast.Not()):
                return _negation(self.build(node.operand), self._names_in(node.operand))
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
                return _constant(-value)
            case ast.Compare():
                return self._comparison(node)
            case ast.BinOp() if type(node.op) in _ARITHMETIC:
                return _arithmetic(
                    _ARITHMETIC[type(node.op)], self.build(node.left), self.build(node.right), self._names_in(node)
                )
            case ast.Name(id="true" | "false"):
                return _constant(node.id == "true")
            case ast.Name() | ast.Attribute():
                return self._name(node)
            case ast.Constant(value=str() | int() | float() as value):
                return _constant(value)
        raise self._refusal(node)

    def _refusal(self, node: ast.AST) -> BookError:
        return BookError(
            text(
                "`{part}` in `{expression}` is outside the rule language",
                part=ast.unparse(node),
                expression=self.source,
            ),
            where=self.grammar.where,
            repair=text("allowed are: {forms}", forms=_FORMS),
        )

    def _full_name(self, node: ast.expr) -> str:
        if isinstance(node, ast.Name):
            return f"{self.grammar.kind}.{node.id}"
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            root = node.value.id
            if root == "param" and node.attr not in self.grammar.params:
                raise BookError(
                    text("there is no number named {name} under `parameters`", name=node.attr),
                    where=self.grammar.where,
                    repair=text("add it there with value, unit, clause, source and confidence"),
                )
            if root in {"site", "param", "figure", self.grammar.kind} or (root == "period" and node.attr in PERIOD):
                return f"{root}.{node.attr}"
        raise self._refusal(node)

    def _names_in(self, node: ast.expr) -> tuple[str, ...]:
        found: dict[str, None] = {}

        def collect(part: ast.AST) -> None:
            if isinstance(part, ast.Attribute) or (isinstance(part, ast.Name) and part.id not in {"true", "false"}):
                assert isinstance(part, ast.expr)  # noqa: S101
                found[self._full_name(part)] = None
                return
            for child in ast.iter_child_nodes(part):
                collect(child)

        collect(node)
        return tuple(found)

    def _name(self, node: ast.expr) -> _Step:
        name = self._full_name(node)
        self.names[name] = None

        def step(run: _Run) -> Value:
            run.used[name] = None
            found = run.scene.look(name)
            if isinstance(found, Need):
                run.needs.append(found)
                return UNKNOWN
            if isinstance(found, float) and not math.isfinite(found):
                run.needs.append(Need(name))
                return UNKNOWN
            return found

        return step

    def _comparison(self, node: ast.Compare) -> _Step:
        operands = [node.left, *node.comparators]
        steps = []
        for op, left, right in zip(node.ops, operands, operands[1:], strict=False):
            if isinstance(op, ast.In | ast.NotIn):
                steps.append(self._membership(left, right, negated=isinstance(op, ast.NotIn)))
            elif type(op) in _COMPARE:
                steps.append(
                    _compared(op, self.build(left), self.build(right), self._names_in(left), self._names_in(right))
                )
            else:
                raise self._refusal(node)
        return steps[0] if len(steps) == 1 else _junction([(step, ()) for step in steps], decides=False)

    def _membership(self, left: ast.expr, right: ast.expr, *, negated: bool) -> _Step:
        if not isinstance(right, ast.Tuple | ast.List | ast.Set) or not all(
            isinstance(part, ast.Constant) and isinstance(part.value, str | int | float) for part in right.elts
        ):
            raise self._refusal(right)
        choices = [part.value for part in right.elts if isinstance(part, ast.Constant)]
        kinds = {type(choice) for choice in choices}
        inner, names = self.build(left), self._names_in(left)

        def step(run: _Run) -> Value:
            value = inner(run)
            if value is UNKNOWN:
                return UNKNOWN
            if type(value) not in kinds:
                run.needs.extend(Need(name, Lack.KIND) for name in names)
                return UNKNOWN
            return (value in choices) is not negated

        return step


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _constant(value: FactValue) -> _Step:
    return lambda _run: value


def _junction(parts: list[tuple[_Step, tuple[str, ...]]], *, decides: bool) -> _Step:
    """Return `or` (decides=True) or `and` (decides=False): one deciding operand settles it, whatever is missing."""

    def step(run: _Run) -> Value:
        mark = len(run.needs)
        unknown = False
        for part, names in parts:
            value = part(run)
            if value is decides:
                del run.needs[mark:]
                return decides
            if value is UNKNOWN:
                unknown = True
            elif not isinstance(value, bool):
                unknown = True
                run.needs.extend(Need(name, Lack.KIND) for name in names)
        return UNKNOWN if unknown else not decides

    return step


def _negation(inner: _Step, names: tuple[str, ...]) -> _Step:
    def step(run: _Run) -> Value:
        value = inner(run)
        if value is UNKNOWN:
            return UNKNOWN
        if not isinstance(value, bool):
            run.needs.extend(Need(name, Lack.KIND) for name in names)
            return UNKNOWN
        return not value

    return step


def _compared(
    op: ast.cmpop, left: _Step, right: _Step, left_names: tuple[str, ...], right_names: tuple[str, ...]
) -> _Step:
    compare = _COMPARE[type(op)]
    equality = isinstance(op, ast.Eq | ast.NotEq)
    names = left_names + right_names
    # A fact against a number of the book: their units must agree, or nothing is concluded.
    united = len(left_names) == 1 and len(right_names) == 1

    def step(run: _Run) -> Value:
        a, b = left(run), right(run)
        if a is UNKNOWN or b is UNKNOWN:
            return UNKNOWN
        pair = _alike(a, b, equality=equality)
        if pair is None:
            run.needs.extend(Need(name, Lack.KIND) for name in names)
            return UNKNOWN
        if united:
            units = run.scene.unit(left_names[0]), run.scene.unit(right_names[0])
            if all(units) and units[0] != units[1]:
                run.needs.extend(Need(name, Lack.UNIT) for name in names if not name.startswith("param."))
                return UNKNOWN
        return compare(*pair)  # type: ignore[arg-type]

    return step


def _alike(a: FactValue, b: FactValue, *, equality: bool) -> tuple[FactValue, FactValue] | None:
    if _is_number(a) and _is_number(b):
        return a, b
    if isinstance(a, date) or isinstance(b, date):
        try:
            return tuple(x if isinstance(x, date) else date.fromisoformat(str(x)) for x in (a, b))  # type: ignore[return-value]
        except ValueError:
            return None
    if equality and type(a) is type(b):
        return a, b
    return None


def _arithmetic(compute: Callable[[float, float], float], left: _Step, right: _Step, names: tuple[str, ...]) -> _Step:
    def step(run: _Run) -> Value:
        a, b = left(run), right(run)
        if a is UNKNOWN or b is UNKNOWN:
            return UNKNOWN
        if isinstance(a, date):
            if isinstance(b, date) and compute is operator.sub:
                return float((a - b).days)
            if _is_number(b) and compute in {operator.add, operator.sub}:
                with contextlib.suppress(OverflowError):
                    return compute(a, timedelta(days=float(b)))  # type: ignore[arg-type]
        if not (_is_number(a) and _is_number(b)):
            run.needs.extend(Need(name, Lack.KIND) for name in names)
            return UNKNOWN
        try:
            result = compute(a, b)  # type: ignore[arg-type]
        except (ZeroDivisionError, OverflowError):
            result = math.nan
        if not math.isfinite(result):
            run.needs.extend(Need(name, Lack.KIND) for name in names)
            return UNKNOWN
        return result

    return step


@lru_cache(maxsize=8192)
def literals(source: str, where: str = "") -> tuple[float, ...]:
    """Return the bare numbers in an expression; a book must give them a name under `parameters` instead."""
    tree = _parsed(source, Grammar("", where=where))
    constants = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return tuple(c for c in constants if isinstance(c, int | float) and not isinstance(c, bool))
