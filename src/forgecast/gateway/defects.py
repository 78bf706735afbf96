"""Collecting defects while a file is read: one finding for each kind of defect and column, with its count."""

from __future__ import annotations

import unicodedata
from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.finding import Finding, Place, Severity
from forgecast.ground.texts import Text

_LONGEST_VALUE = 80


@dataclass(slots=True)
class _Group:
    severity: Severity
    column: str
    value: str
    reason: Text
    repair: Text
    count: int
    first: int | None
    last: int | None


class FindingLog:
    """The findings of one file or sheet, grouped as they come in.

    Parameters
    ----------
    file : str
        How the file (and sheet) is named in the findings.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self._groups: dict[Hashable, _Group] = {}

    def add(
        self,
        code: str,
        severity: Severity,
        reason: Text,
        repair: Text,
        *,
        column: str = "",
        rows: NDArray[np.int64] | None = None,
        value: str = "",
        count: int | None = None,
    ) -> None:
        """Add defects of one kind in one column; they join those already found.

        Parameters
        ----------
        code, severity, reason, repair
            As in `Finding`; reason and value of the first defect are kept.
        column : str
            Header as written in the file.
        rows : (n,) int64 array or None
            Rows of the file; none where the file as a whole is meant.
        value : str
            Example of what stood there.
        count : int or None
            How many defects; the number of rows where not given.
        """
        found = int(rows.size) if rows is not None and count is None else (count or 1)
        if found == 0 or (rows is not None and rows.size == 0):
            return
        first = None if rows is None else int(rows.min())
        last = None if rows is None else int(rows.max())
        key = (code, severity, column, reason.template)
        group = self._groups.get(key)
        if group is None:
            self._groups[key] = _Group(severity, column, shown(value), reason, repair, found, first, last)
            return
        group.count += found
        if first is not None and last is not None:
            group.first = first if group.first is None else min(group.first, first)
            group.last = last if group.last is None else max(group.last, last)

    def findings(self) -> tuple[Finding, ...]:
        """Return the findings, refused ones first, otherwise in the order in which they were met."""
        order = {severity: rank for rank, severity in enumerate(Severity)}
        made = [
            Finding(
                str(key[0]),
                g.severity,
                Place(self.file, g.first, g.last, g.column),
                g.value,
                g.reason,
                g.repair,
                g.count,
            )
            for key, g in self._groups.items()
            if isinstance(key, tuple)
        ]
        return tuple(sorted(made, key=lambda finding: order[finding.severity]))


def shown(value: str) -> str:
    """Return a value as it may be shown: one line, printable, not endless."""
    plain = "".join(
        " " if unicodedata.category(c) in {"Cc", "Cs", "Cn", "Co"} else c for c in value[: _LONGEST_VALUE + 1]
    )
    return plain if len(plain) <= _LONGEST_VALUE else plain[: _LONGEST_VALUE - 1] + "…"
