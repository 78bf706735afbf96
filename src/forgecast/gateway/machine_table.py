"""A forge's machines out of a table: a row a machine, with its kind and what it can."""

from __future__ import annotations

import math
from pathlib import Path

from forgecast.forging.choose_machine import Candidate
from forgecast.forging.machine import CrankPress, EnergyMachine, HydraulicPress
from forgecast.gateway.case_file import CaseError
from forgecast.gateway.measured_table import MeasuredTable, Wanted, read_measured
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text

#: The columns of such a table; which of them a machine needs depends on its kind.
MACHINE_COLUMNS = (
    Wanted("name", "", ("name", "machine", "名称", "设备"), "name"),
    Wanted("kind", "", ("kind", "类别", "种类"), "kind"),
    Wanted("force", "force", ("force", "nominal force", "公称力", "力"), "force [MN]", needed=False),
    Wanted("energy", "energy", ("energy", "能量", "打击能量"), "energy [kJ]", needed=False),
    Wanted("speed", "speed", ("speed", "impact speed", "速度", "打击速度"), "speed [mm/s]", needed=False),
    Wanted("stroke", "length", ("stroke", "行程"), "stroke [mm]", needed=False),
    Wanted("rod", "length", ("rod", "connecting rod", "连杆长度"), "rod [mm]", needed=False),
    Wanted(
        "nominal_travel",
        "length",
        ("nominal travel", "nominal_travel", "公称力行程"),
        "nominal travel [mm]",
        needed=False,
    ),
    Wanted(
        "strokes", "strain_rate", ("strokes", "stroke rate", "行程次数", "打击次数"), "strokes [1/min]", needed=False
    ),
    Wanted("efficiency", "share", ("efficiency", "效率", "打击效率"), "efficiency [%]", needed=False),
)
_NEEDED = {
    "hydraulic": ("force", "speed"),
    "crank": ("force", "stroke", "rod", "nominal_travel", "strokes"),
    "screw": ("force", "energy", "speed", "efficiency"),
    "hammer": ("energy", "speed", "efficiency"),
}
_KINDS = {
    "hydraulic": "hydraulic", "液压机": "hydraulic", "crank": "crank", "mechanical": "crank", "热模锻压力机": "crank",
    "机械压力机": "crank", "曲柄压力机": "crank", "screw": "screw", "螺旋压力机": "screw", "hammer": "hammer",
    "锻锤": "hammer", "模锻锤": "hammer",
}  # fmt: skip


def read_machines(path: Path) -> tuple[Candidate, ...]:
    """Read a table of machines.

    A hydraulic press needs ``force`` and ``speed``; a crank press ``force``, ``stroke``, ``rod``, ``nominal travel``
    and ``strokes`` (its turns), and may give the ``energy`` of a stroke; a screw press ``force``, ``energy``, ``speed``
    and ``efficiency``; a hammer ``energy``, ``speed`` and ``efficiency``.

    Raises
    ------
    CaseError
        If a kind is unknown, or a machine lacks what its kind needs; with file and row.
    ImportRefusedError
        If the file cannot be read.
    """
    table = read_measured(path, MACHINE_COLUMNS)
    found = [_candidate(table, n) for n in range(table.rows.size) if table.words["name"][n]]
    if not found:
        raise CaseError(
            text("the table names no machine"), where=table.name, repair=text("give every machine a row and a name")
        )
    return tuple(found)


def _candidate(table: MeasuredTable, n: int) -> Candidate:
    kind = _KINDS.get(table.words["kind"][n].casefold())
    if kind is None:
        raise CaseError(
            text("{kind} is no kind of machine", kind=table.words["kind"][n] or "—"),
            where=table.place(n, "kind"),
            repair=text("write one of: {names}", names=", ".join(_NEEDED)),
        )
    got = {one.key: float(table.numbers[one.key][n]) if one.key in table.numbers else math.nan
           for one in MACHINE_COLUMNS if one.kind}  # fmt: skip
    missing = [key for key in _NEEDED[kind] if math.isnan(got[key])]
    if missing:
        raise CaseError(
            text("a machine of the kind {kind} lacks {names}", kind=kind, names=", ".join(missing)),
            where=table.place(n),
            repair=text("fill the columns {columns}",
                        columns=", ".join(one.example for one in MACHINE_COLUMNS if one.key in missing)),
        )  # fmt: skip
    machine: HydraulicPress | CrankPress | EnergyMachine
    try:
        if kind == "hydraulic":
            machine = HydraulicPress(got["speed"], got["force"])
        elif kind == "crank":
            machine = CrankPress(got["stroke"], got["rod"], got["strokes"], got["force"], got["nominal_travel"])
        else:
            force = math.inf if kind == "hammer" else got["force"]
            machine = EnergyMachine(got["energy"], got["speed"], got["efficiency"], force)
    except ForgecastError as error:
        raise CaseError(error.what, where=table.place(n), repair=error.repair) from error
    return Candidate(table.words["name"][n], kind, machine, got["stroke"], got["strokes"], got["energy"])
