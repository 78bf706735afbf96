"""The plan of the house, as a checker: what each floor holds, and what breaks the plan in a tree of sources."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PACKAGE = "forgecast"

#: From the top floor down. A room imports lower floors only; rooms on one floor are strangers.
FLOORS: tuple[frozenset[str], ...] = (
    frozenset({"app"}),
    frozenset({"tasks"}),
    frozenset({"store", "gateway"}),
    frozenset({
        "casting", "forging", "melting", "plant", "signals", "quality", "energy", "environment", "rules", "network",
        "planning",
        "sample",
    }),
    frozenset({"metal", "shape"}),
    frozenset({"ground"}),
)  # fmt: skip
#: Folders that hold data and no Python.
DATA = frozenset({"records", "tables", "rulebooks", "texts"})
DRAWERS = re.compile(r"_*(utils?|helpers?|common|misc|stuff|tools?)")
MAX_FILE_LINES = 600
MAX_FUNCTION_LINES = 60


@dataclass(frozen=True)
class Module:
    """A source file: its dotted name, its room (empty for the package root), its path and its tree."""

    name: str
    room: str
    path: Path
    lines: int
    tree: ast.Module


@dataclass(frozen=True)
class Import:
    """One import: the dotted name asked for and the line that asks."""

    target: str
    line: int


def floor(room: str) -> int | None:
    """Return the number of a room's floor from the top, or None if the plan has no such room."""
    return next((number for number, rooms in enumerate(FLOORS) if room in rooms), None)


def modules(package: Path) -> list[Module]:
    """Return every module below a package folder."""
    found = []
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package).with_suffix("").parts
        source = path.read_text(encoding="utf-8")
        dotted = ".".join((PACKAGE, *(parts[:-1] if parts[-1] == "__init__" else parts)))
        room = "" if parts == ("__init__",) else parts[0]
        found.append(Module(dotted, room, path.relative_to(package), len(source.splitlines()), ast.parse(source)))
    return found


def imports(module: Module) -> Iterator[Import]:
    """Yield every import, wherever it stands: in a function, under TYPE_CHECKING, or called by name."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield from (Import(f"{node.module}.{alias.name}", node.lineno) for alias in node.names)
        elif isinstance(node, ast.Call) and _name(node.func) in {"import_module", "__import__"} and node.args:
            asked = node.args[0]
            if isinstance(asked, ast.Constant) and isinstance(asked.value, str):
                yield Import(asked.value, node.lineno)


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def violations(package: Path) -> list[str]:
    """Return all that breaks the plan below a package folder, one sentence each."""
    tree = modules(package)
    found = [*_rooms(package, tree), *_cycles(tree)]
    for module in tree:
        found += [*_direction(module), *_relative(module), *_shape(module)]
    return found


def _direction(module: Module) -> Iterator[str]:
    for asked in imports(module):
        parts = asked.target.split(".")
        if parts[0] != PACKAGE or len(parts) == 1:
            continue
        room, here, there = parts[1], floor(module.room), floor(parts[1])
        if room in {module.room, "__version__"}:
            continue
        place = f"{module.path.as_posix()}:{asked.line}"
        if module.room == "":
            yield f"{place}: the package root imports {room}"
        elif there is None:
            yield f"{place}: imports {room}, which is no room of the plan"
        elif here is not None and there < here:
            yield f"{place}: {module.room} imports upward from {room}"
        elif here is not None and there == here:
            yield f"{place}: {module.room} imports sideways from {room}"


def _relative(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            yield f"{module.path.as_posix()}:{node.lineno}: relative import"
        if isinstance(node, ast.Call) and _name(node.func) in {"import_module", "__import__"}:
            named = node.args and isinstance(node.args[0], ast.Constant)
            if not named:
                yield f"{module.path.as_posix()}:{node.lineno}: imports a module whose name the plan cannot read"


def _shape(module: Module) -> Iterator[str]:
    path = module.path.as_posix()
    if module.lines > MAX_FILE_LINES:
        yield f"{path}: {module.lines} lines, more than {MAX_FILE_LINES}"
    for part in module.path.with_suffix("").parts:
        if DRAWERS.fullmatch(part):
            yield f"{path}: {part} is a drawer, not a thing of the trade"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
            yield f"{path}:{node.lineno}: print in the library"
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and "kernels" not in module.path.parts:
            length = _function_lines(node)
            if length > MAX_FUNCTION_LINES:
                yield f"{path}:{node.lineno}: {node.name} has {length} lines, more than {MAX_FUNCTION_LINES}"


def _function_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return the lines of a function without its decorators and its docstring."""
    assert node.end_lineno is not None
    length = node.end_lineno - node.lineno + 1
    first = node.body[0]
    if ast.get_docstring(node, clean=False) is not None and first.end_lineno is not None:
        length -= first.end_lineno - first.lineno + 1
    return length


def _rooms(package: Path, tree: list[Module]) -> Iterator[str]:
    for folder in sorted(path for path in package.iterdir() if path.is_dir() and path.name != "__pycache__"):
        files = [path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
        if folder.name in DATA:
            yield from (
                f"{path.relative_to(package).as_posix()}: Python among data" for path in files if path.suffix == ".py"
            )
            if not files:
                yield f"{folder.name}: an empty folder"
            continue
        if floor(folder.name) is None:
            yield f"{folder.name}: no room of the plan"
        own = [module for module in tree if module.room == folder.name]
        if not any(_does_something(module.tree) for module in own):
            yield f"{folder.name}: an empty room"


def _does_something(tree: ast.Module) -> bool:
    return any(not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)) for node in tree.body)


def _cycles(tree: list[Module]) -> Iterator[str]:
    names = {module.name for module in tree}
    graph: dict[str, set[str]] = {}
    for module in tree:
        targets = set()
        for asked in imports(module):
            # `from a.b import c` asks for module a.b.c if there is one, else for a.b.
            target = asked.target if asked.target in names else asked.target.rpartition(".")[0]
            if target in names and target != module.name:
                targets.add(target)
        graph[module.name] = targets
    seen: dict[str, int] = {}  # 1: on the way, 2: done

    def walk(name: str, way: tuple[str, ...]) -> Iterator[str]:
        seen[name] = 1
        for target in sorted(graph[name]):
            if seen.get(target) == 1:
                yield "a circle of modules: " + " → ".join((*way[way.index(target) :], target))
            elif target not in seen:
                yield from walk(target, (*way, target))
        seen[name] = 2

    for name in sorted(graph):
        if name not in seen:
            yield from walk(name, (name,))
