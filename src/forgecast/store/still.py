"""A plant as it is at one instant, while others go on reading and writing it: the beginning of every copy of it."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Collection, Iterator
from contextlib import closing
from pathlib import Path

from forgecast.store.database import engine, sqlite_url, writing
from forgecast.store.settings import read_settings
from forgecast.store.turn import line_of

#: A long import may hold the plant; a copy waits for it.
PATIENCE_S = 1_800.0
#: Series files are written once and never changed.
_NEVER_CHANGED = ".parquet"
#: Of files that are being written, and of copies: nothing that counts begins so.
_PASSING = ("_part-", "_backup-")


def snapshot(
    folder: Path, into: Path, *, by: str, dump: Callable[[str, Path], None], leaves_out: Collection[Path] = ()
) -> str:
    """Put all files of a plant as they are at one instant into a folder on the same disk.

    Writers wait while records, settings and the live log are copied; series files only get a second name. Readers
    never wait, and batches of live readings are taken all the while: those after the instant are not in the copy.

    Parameters
    ----------
    folder : Path
        The plant's.
    into : Path
        Is there and empty.
    by : str
        Whom writers are told that wait.
    dump : callable
        Writes the PostgreSQL schema of an address into a file.
    leaves_out : collection of Path
        Folders below the plant's that are not the plant's own.

    Returns
    -------
    str
        Name of the file with the records in `into`.

    Raises
    ------
    PlantError
        If another writer holds the plant for very long, or the disk refuses.
    """
    settings = read_settings(folder)
    on_server = "://" in settings.records
    url = settings.records if on_server else sqlite_url(folder / settings.records)
    database = engine(url, busy_timeout_s=PATIENCE_S)
    records = None if on_server else folder / settings.records
    try:
        with writing(database, str(folder), by=by, what="backup"):
            if records is None:
                name = "_records.pgdump"
                dump(url, into / name)
            else:
                name = settings.records
                copy_sqlite(records, into / name)
            for path in _own(folder, records, leaves_out):
                _put(path, into / path.relative_to(folder))
    finally:
        database.dispose()
    return name


def copy_sqlite(path: Path, into: Path) -> None:
    """Copy an SQLite file that others read and write, in one state."""
    into.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as old, closing(sqlite3.connect(into)) as new:
        old.backup(new)
        # One file, which needs nothing beside it.
        new.execute("PRAGMA journal_mode=DELETE")


def _own(folder: Path, records: Path | None, leaves_out: Collection[Path]) -> Iterator[Path]:
    out = {path.resolve() for path in leaves_out}
    if records is not None:
        out |= {records, *(records.with_name(f"{records.name}{end}") for end in ("-wal", "-shm", "-journal"))}
        out.add(line_of(records))
    for root, folders, names in os.walk(folder):
        here = Path(root)
        folders[:] = [name for name in folders if not name.startswith(_PASSING) and (here / name).resolve() not in out]
        yield from (here / name for name in names if not name.startswith(_PASSING) and (here / name) not in out)


def _put(path: Path, into: Path) -> None:
    into.parent.mkdir(parents=True, exist_ok=True)
    try:
        if path.suffix == _NEVER_CHANGED:
            try:
                into.hardlink_to(path)
            except FileNotFoundError:
                raise
            except OSError:  # a file system without second names
                shutil.copy2(path, into)
        else:
            shutil.copy2(path, into)
    except FileNotFoundError:
        return  # a live segment that was sealed, or a letter that was sent, this very moment
