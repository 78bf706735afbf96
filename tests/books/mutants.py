"""Small wrong versions of a rulebook: numbers 1 % off, days one off, comparisons turned, terms left out."""

import ast
import copy
from collections.abc import Iterator
from datetime import date, timedelta

#: Keys whose value is one of a few words.
CHOICES = {
    "decision": ("simple_acceptance", "shared_risk", "guarded_acceptance", "guarded_rejection"),
    "statistic": ("mean", "percentile"),
    "over": ("day", "month", "period"),
}
EXPRESSIONS = {"applies", "scope", "for", "required", "prohibited", "advised", "partly", "when"}
DAYS = {"from", "until", "due"}
OTHER_COMPARISONS = {"<=": ("<", ">="), "<": ("<=", ">"), ">=": (">", "<="), ">": (">=", "<")}
TURNED = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
}


def advice(document: dict, label: str) -> str:
    """Return which case would have seen a mutant: what its author has to write."""
    path = [int(step) if step.isdigit() else step for step in label.partition(":")[0].split(".")]
    change = label.partition(": ")[2]
    where = path[0]
    if where in {"requirements", "references", "parameters"}:
        entry = document[where][path[1]]
        where = f"`{entry['id']}`"
        if _unknown(document, entry, path):
            where += " (not verified: the case needs `overlay:` with an entry that confirms it)"
    value = _at(document, path)
    if path[-1] == "value":
        near = f"{value:g} exactly, and one between {value:g} and {value * 1.01:g} (or {value * 0.99:g})"
        return f"{label}: add a case of {where} with the number at {near}"
    if path[-1] in DAYS:
        return f"{label}: add a case of {where} on {value} and one on the day before it"
    return f"{label}: add a case of {where} that tells `{value}` from `{change}`"


def _unknown(document: dict, entry: dict, path: list) -> bool:
    levels = [document["book"], entry]
    if "limits" in path:
        levels.append(entry["limits"][path[path.index("limits") + 1]])
    return [level["confidence"] for level in levels if "confidence" in level][-1] == "unverified"


def mutants(document: dict) -> Iterator[tuple[str, str | None, dict]]:
    """Yield (what was done, the requirement it was done to or None, the wrong document)."""
    for path in _places(document):
        for label, value in _wrong(path[-1], _at(document, path), within=path[0]):
            wrong = copy.deepcopy(document)  # keeps YAML anchors shared: one place in the file, one mutant
            _at(wrong, path[:-1])[path[-1]] = value
            requirement = None
            if path[0] == "requirements":
                requirement = document["requirements"][path[1]]["id"]
                shared = sum(1 for other in _aliases(document, path))
                requirement = requirement if shared == 1 else None
            yield f"{'.'.join(str(p) for p in path)}: {label}", requirement, wrong


def _aliases(document, path):
    parent = _at(document, path[:-1])
    for other in _places(document, every=True):
        if other[-1] == path[-1] and _at(document, other[:-1]) is parent:
            yield other


def _at(node, path):
    for step in path:
        node = node[step]
    return node


def _places(node, path=(), seen=None, *, every=False):
    seen = set() if seen is None else seen
    if isinstance(node, dict | list):
        if id(node) in seen and not every:
            return
        seen.add(id(node))
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            yield from _places(value, (*path, key), seen, every=every)
    else:
        yield path


def _wrong(key, value, *, within):
    if key == "value" and isinstance(value, int | float):
        yield "1 % less", value * 0.99
        yield "1 % more", value * 1.01
    elif key in DAYS and isinstance(value, str):
        for days in (-1, 1):
            yield f"{days} day", (date.fromisoformat(value) + timedelta(days=days)).isoformat()
    elif value in CHOICES.get(key, ()):
        for other in CHOICES[key]:
            if other != value:
                yield other, other
    elif key == "comparison":
        for other in OTHER_COMPARISONS[value]:
            yield other, other
    elif ((key in EXPRESSIONS and within != "evidence") or within == "definitions") and isinstance(value, str):
        for wrong in _wrong_expressions(value):
            yield wrong, wrong


def _wrong_expressions(source):
    tree = ast.parse(source, mode="eval")
    for index, node in enumerate(ast.walk(tree)):
        for change in _changes(node):
            fresh = ast.parse(source, mode="eval")
            target = list(ast.walk(fresh))[index]
            replaced = change(target)
            if replaced is not target:
                fresh = _Swap(target, replaced).visit(fresh)
            yield ast.unparse(ast.fix_missing_locations(fresh))


class _Swap(ast.NodeTransformer):
    def __init__(self, old, new):
        self.old, self.new = old, new

    def visit(self, node):
        return self.new if node is self.old else self.generic_visit(node)


def _changes(node):
    match node:
        case ast.BoolOp():
            for i in range(len(node.values)):
                yield lambda n, i=i: _dropped(n, i)
        case ast.UnaryOp(op=ast.Not()):
            yield lambda n: n.operand
        case ast.Compare():
            for other in TURNED[type(node.ops[0])]:
                yield lambda n, other=other: _turned(n, other)
        case ast.Tuple() if len(node.elts) > 1:
            for i in range(len(node.elts)):
                yield lambda n, i=i: _short(n, i)


def _dropped(node, i):
    rest = node.values[:i] + node.values[i + 1 :]
    return rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)


def _turned(node, other):
    return ast.Compare(node.left, [other(), *node.ops[1:]], node.comparators)


def _short(node, i):
    return ast.Tuple(node.elts[:i] + node.elts[i + 1 :], ast.Load())
