"""Take an EPCIS document into a plant: wholly or not at all, and not twice; what has no record is a finding."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from forgecast.gateway.epcis.foreign import Known
from forgecast.gateway.epcis.naming import Naming
from forgecast.gateway.epcis.read import read_events, taken_rows
from forgecast.gateway.time_column import now_us
from forgecast.ground.finding import Severity
from forgecast.plant.identifier import has_check_digit
from forgecast.store.guard import GUARDED
from forgecast.store.importing import Source
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.check_events import document_bytes
from forgecast.tasks.import_files import Fed, FileReport


def import_events(
    plant: PlantFolder,
    path: Path,
    *,
    base: str = "",
    again: bool = False,
    by: str = "",
    progress: Callable[[float], None] = lambda _share: None,
) -> FileReport:
    """Take an EPCIS 2.0 JSON-LD document into a plant, in one transaction.

    Rows that the document carries in our own namespace go in as they are; events of others go in as far as their words
    have a place in our records. What they do not say takes nothing away from what is known. Every event, or part of
    one, that went into no record is a finding.

    Parameters
    ----------
    plant : PlantFolder
    path : Path
    base : str
        Web address under which the sender's own numbers live; numbers under it lose it. Without it they stay whole
        addresses, so that they are never taken for numbers of the plant.
    again : bool
        Whether a document that is in already is taken once more.
    by : str
        Who answers for it; without it the environment or the operating system says.
    progress : callable
        Is told the share done.

    Raises
    ------
    ImportRefusedError
        If it is no EPCIS document, or cannot be read.
    PlantError
        If the plant is busy or the disk refuses.
    """
    content = document_bytes(path)
    told = f"epcis {base}".encode()
    source = Source(
        path.name,
        str(path.absolute()),
        hashlib.sha256(content).hexdigest(),
        len(content),
        hashlib.sha256(told).hexdigest() if base else "",
    )
    if not again and plant.imported_before(source.sha256, source.map_sha256) is not None:
        return FileReport(path.name, already_in=True)
    products = {
        str(row["gtin"]).zfill(14): str(row["id"])
        for row in plant.records.read("product")
        if row["gtin"] and has_check_digit(str(row["gtin"]))
    }
    read = read_events(content, path.name, Known(Naming(base.strip()), products))
    fed: dict[str, tuple[int, int, int]] = {}
    with plant.importing(source, by=by, progress=progress) as entry:
        entry.put_findings(read.findings, rows_refused=read.refused)
        taken = list(taken_rows(read, path.name, plant.settings.zone, now_us()))
        # Decisions and shipments are judged by what is there, so they come after all else.
        for rows, findings in sorted(taken, key=lambda one: _turn(one[0].record)):
            refused = sum(one.count for one in findings if one.severity == Severity.REFUSED)
            entry.put_findings(findings, rows_refused=refused)
            done = entry.put_rows(rows, only_known=True)
            fed[rows.record] = (done.new, done.changed, done.same)
    # A finding does not say which record its row was of, so the first one carries the count.
    turned_away = [entry.counts["rows_refused"]] + [0] * len(fed)
    made = tuple(
        Fed(name, new, changed, same, n)
        for (name, (new, changed, same)), n in zip(fed.items(), turned_away, strict=False)
    )
    return FileReport(path.name, fed=made, findings=tuple(entry.findings))


def _turn(record: str) -> int:
    return GUARDED.index(record) + 1 if record in GUARDED else 0
