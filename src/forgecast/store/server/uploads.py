"""Uploads: files people give to a plant. One that was answered is on the disk; of a broken one nothing is shown.

A file is written aside, forced to the disk, given its name, and only then entered in the database. One that is sent in
parts keeps beside it how many of its bytes are surely on the disk; it goes on from there.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import secrets
import shutil
import time
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Self

import sqlalchemy as sa

from forgecast.ground.errors import ForgecastError, PlantError
from forgecast.ground.texts import text
from forgecast.store.database import boundary
from forgecast.store.durable import remove_file, sync_folder
from forgecast.store.file_lock import lock_file
from forgecast.store.server.database import ServerStore
from forgecast.store.server.jobs import now_us
from forgecast.store.server.tables import UPLOAD

FOLDER = "uploads"
#: Largest file that is taken, unless the server is told another limit.
LARGEST_BYTES = 2 * 1024**3
#: A file sent in parts of which nothing came for so long is given up [s].
PATIENCE_S = 24 * 3600.0
#: A file without a row is left alone for so long: its row may just be being written [s].
_ROWLESS_S = 3600.0
_ID = re.compile(r"[0-9a-f]{32}")
_LONGEST_NAME = 120
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came in whole.

    Parameters
    ----------
    id, plant_id, file_name, sha256 : str
    account_id, size, received_us : int
    """

    id: str
    plant_id: str
    account_id: int
    file_name: str
    size: int
    sha256: str
    received_us: int


@dataclass(frozen=True, slots=True)
class Begun:
    """A file that comes in parts: its size as announced, and how many of its bytes are on the disk."""

    id: str
    plant_id: str
    account_id: int
    file_name: str
    size: int
    offset: int


class TooLargeError(ForgecastError):
    """A file is larger than the server takes."""

    code = "too-large"

    def __init__(self, largest: int) -> None:
        super().__init__(
            text("the file is larger than {size} MB, the most this server takes", size=largest // 1024**2),
            repair=text("send a smaller file, or have the limit of the server raised"),
        )


class OffsetError(ForgecastError):
    """A part does not begin where the one before ended."""

    code = "wrong-offset"

    def __init__(self, offset: int) -> None:
        self.offset = offset
        super().__init__(
            text("{offset} bytes of this file have come; the part begins elsewhere", offset=offset),
            where="Upload-Offset",
            repair=text("go on at byte {offset}", offset=offset),
        )


class Receiving:
    """A file as it comes in; use it in a ``with`` block: what is not kept at its end is gone.

    Parameters
    ----------
    store : ServerStore
    home : Path
        Home folder of the server.
    plant_id, file_name : str
    account_id : int
    largest : int
        Bytes it may have.
    """

    def __init__(
        self,
        store: ServerStore,
        home: Path,
        *,
        plant_id: str,
        account_id: int,
        file_name: str,
        largest: int = LARGEST_BYTES,
    ) -> None:
        self._store, self._folder = store, home / FOLDER / plant_id
        self._made = (plant_id, account_id, clean_name(file_name))
        self._largest = largest
        self._hash = hashlib.sha256()
        self._size = 0
        self._id = secrets.token_hex(16)
        self._part = self._folder / f"_part-{self._id}"
        with boundary(str(self._part)):
            self._folder.mkdir(parents=True, exist_ok=True)
            self._file: BinaryIO = self._part.open("xb")
            lock_file(self._file)  # whoever sweeps sees that somebody is at it

    def write(self, data: bytes) -> None:
        """Append bytes.

        Raises
        ------
        TooLargeError
        PlantError
            If the disk refuses.
        """
        self._size += len(data)
        if self._size > self._largest:
            raise TooLargeError(self._largest)
        self._hash.update(data)
        with boundary(str(self._part)):
            self._file.write(data)

    def keep(self, *, sha256: str = "") -> Upload:
        """Force the file to the disk and enter it: from now on it is there, whatever happens.

        Parameters
        ----------
        sha256 : str
            What the sender says it has; empty where he says nothing.

        Raises
        ------
        ForgecastError
            If something else came than was sent.
        PlantError
            If the disk refuses.
        """
        plant_id, account_id, name = self._made
        found = self._hash.hexdigest()
        _check_hash(found, sha256, name)
        with boundary(str(self._part)):
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            _place(self._part, self._folder / self._id, name)
        return _entered(self._store, self._id, plant_id, account_id, name, self._size, found)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):  # what is still buffered may not fit on a full disk
            self._file.close()
        remove_file(self._part)


def begin(
    home: Path, *, plant_id: str, account_id: int, file_name: str, size: int, largest: int = LARGEST_BYTES
) -> Begun:
    """Begin a file that comes in parts.

    Raises
    ------
    TooLargeError
    PlantError
        If the disk refuses.
    """
    if size > largest:
        raise TooLargeError(largest)
    begun = Begun(secrets.token_hex(16), plant_id, account_id, clean_name(file_name), size, 0)
    part, told = _parts(home, plant_id, begun.id)
    with boundary(str(part)):
        part.parent.mkdir(parents=True, exist_ok=True)
        with part.open("xb") as file:
            os.fsync(file.fileno())
        _tell(told, begun)
    return begun


def begun_of(home: Path, plant_id: str, upload_id: str) -> Begun | None:
    """Return how far a file that comes in parts is; None where none of that id is under way."""
    if not _ID.fullmatch(upload_id):
        return None
    try:
        told = json.loads(_parts(home, plant_id, upload_id)[1].read_bytes())
    except FileNotFoundError:
        return None
    return Begun(upload_id, plant_id, told["account"], told["name"], told["size"], told["offset"])


class Part:
    """The next part of a file as it comes in; use it in a ``with`` block: what was forced to the disk stays.

    Parameters
    ----------
    home : Path
    begun : Begun
    offset : int
        Where the part begins.

    Raises
    ------
    OffsetError
        If the part begins elsewhere, or another part of the file is coming in just now.
    """

    def __init__(self, home: Path, begun: Begun, offset: int) -> None:
        self._home = home
        self._path, self._told = _parts(home, begun.plant_id, begun.id)
        with boundary(str(self._path)):
            self._file: BinaryIO = self._path.open("r+b")
        # Two parts at once would write into each other; of what was told, only what is read under the lock counts.
        now = begun_of(home, begun.plant_id, begun.id) if lock_file(self._file) else None
        if now is None or now.offset != offset:
            self._file.close()
            raise OffsetError(begun.offset if now is None else now.offset)
        self._begun, self._size = now, offset
        # A crash may have left bytes that were written and never told of.
        self._file.truncate(offset)
        self._file.seek(offset)

    def write(self, data: bytes) -> None:
        """Append bytes.

        Raises
        ------
        TooLargeError
            If more comes than was announced.
        """
        if self._size + len(data) > self._begun.size:
            raise TooLargeError(self._begun.size)
        with boundary(str(self._path)):
            self._file.write(data)
        self._size += len(data)

    def keep(self) -> Begun:
        """Force what came to the disk, then tell of it."""
        begun = self._begun
        with boundary(str(self._path)):
            self._file.flush()
            os.fsync(self._file.fileno())
            done = Begun(begun.id, begun.plant_id, begun.account_id, begun.file_name, begun.size, self._size)
            _tell(self._told, done)
        self._begun = done
        return done

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._file.close()


def complete(store: ServerStore, home: Path, begun: Begun, *, sha256: str = "") -> Upload:
    """Enter a file all parts of which have come.

    Raises
    ------
    OffsetError
        If some are missing.
    ForgecastError
        If something else came than was sent.
    """
    if begun.offset != begun.size:
        raise OffsetError(begun.offset)
    part, told = _parts(home, begun.plant_id, begun.id)
    folder = home / FOLDER / begun.plant_id / begun.id
    with boundary(str(part)):
        # Where the server died before its row was written, the file has its name already.
        placed = (folder / begun.file_name).is_file()
        with (folder / begun.file_name if placed else part).open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        _check_hash(found, sha256, begun.file_name)
        if not placed:
            _place(part, folder, begun.file_name)
    made = _entered(store, begun.id, begun.plant_id, begun.account_id, begun.file_name, begun.size, found)
    remove_file(told)
    return made


def upload_of(store: ServerStore, plant_id: str, upload_id: str) -> Upload | None:
    """Return an upload of a plant."""
    asked = sa.select(UPLOAD).where(UPLOAD.c.id == upload_id, UPLOAD.c.plant_id == plant_id)
    with store.reading() as connection:
        row = connection.execute(asked).mappings().first()
    return None if row is None else Upload(**row)


def upload_path(store: ServerStore, home: Path, plant_id: str, upload_id: str) -> Path:
    """Return the file of an upload.

    Raises
    ------
    PlantError
        If the plant has no such upload.
    """
    found = upload_of(store, plant_id, upload_id)
    path = None if found is None else home / FOLDER / plant_id / found.id / found.file_name
    if path is None or not path.is_file():
        raise PlantError(
            text("this plant has no uploaded file `{name}`", name=upload_id),
            where="upload",
            repair=text("upload the file again; files are deleted when nobody has needed them for long"),
        )
    return path


def uploads_of_plant(store: ServerStore, plant_id: str, *, limit: int = 100, after: str = "") -> list[Upload]:
    """Return uploads of a plant, the latest first, from behind the one called `after`."""
    asked = sa.select(UPLOAD).where(UPLOAD.c.plant_id == plant_id)
    last = upload_of(store, plant_id, after) if after else None
    if last is not None:
        same = (UPLOAD.c.received_us == last.received_us) & (UPLOAD.c.id < last.id)
        asked = asked.where((UPLOAD.c.received_us < last.received_us) | same)
    with store.reading() as connection:
        rows = connection.execute(asked.order_by(UPLOAD.c.received_us.desc(), UPLOAD.c.id.desc()).limit(limit))
        return [Upload(**row) for row in rows.mappings()]


def delete(store: ServerStore, home: Path, plant_id: str, upload_id: str) -> bool:
    """Delete an upload, its row first; tells whether there was one."""
    with store.writing() as connection:
        gone = sa.delete(UPLOAD).where(UPLOAD.c.id == upload_id, UPLOAD.c.plant_id == plant_id)
        if connection.execute(gone).rowcount == 0:
            return False
    shutil.rmtree(home / FOLDER / plant_id / upload_id, ignore_errors=True)
    return True


def sweep(store: ServerStore, home: Path, *, received_before_us: int = 0) -> int:
    """Remove what broken uploads have left, files without a row, and uploads received long ago; returns how many.

    Parameters
    ----------
    store : ServerStore
    home : Path
    received_before_us : int
        Older ones are deleted; 0 keeps all.
    """
    swept = 0
    if received_before_us:
        with store.reading() as connection:
            asked = sa.select(UPLOAD.c.plant_id, UPLOAD.c.id).where(UPLOAD.c.received_us < received_before_us)
            old = connection.execute(asked).all()
        swept += sum(delete(store, home, plant_id, upload_id) for plant_id, upload_id in old)
    for path in (home / FOLDER).glob("*/*"):
        swept += _swept_part(path) if path.name.startswith("_part-") else _swept_file(store, path)
    return swept


def clean_name(given: str) -> str:
    """Return a file name that is safe on every system: no folders, nothing unseen, no device of Windows."""
    name = unicodedata.normalize("NFC", given).replace("\\", "/").rpartition("/")[2]
    kept = "".join("_" if char in '<>:"|?*' else char for char in name if unicodedata.category(char)[0] != "C")
    kept = kept.strip(" .") or "file"
    stem, dot, ending = kept.rpartition(".")
    if len(kept.encode("utf-8")) > _LONGEST_NAME:
        ending = ending[:16] if dot else ""
        room = _LONGEST_NAME - len(ending.encode("utf-8")) - 1
        stem = (stem or kept).encode("utf-8")[:room].decode("utf-8", "ignore").strip(" .")
        kept = f"{stem}.{ending}" if ending else stem
    return f"_{kept}" if _RESERVED.fullmatch(kept) or kept.startswith("_part-") else kept


def _parts(home: Path, plant_id: str, upload_id: str) -> tuple[Path, Path]:
    part = home / FOLDER / plant_id / f"_part-{upload_id}"
    return part, part.with_name(f"{part.name}.json")


def _tell(told: Path, begun: Begun) -> None:
    content = {"account": begun.account_id, "name": begun.file_name, "size": begun.size, "offset": begun.offset}
    aside = told.with_name(f"{told.name}.new")
    with aside.open("wb") as file:
        file.write(json.dumps(content).encode())
        file.flush()
        os.fsync(file.fileno())
    aside.replace(told)
    sync_folder(told.parent)


def _check_hash(found: str, said: str, name: str) -> None:
    if said and said.lower() != found:
        raise ForgecastError(
            text("the file that came is not the one that was sent: its SHA-256 is {found}", found=found),
            where=name,
            repair=text("send it again; nothing was kept"),
        )


def _place(part: Path, folder: Path, name: str) -> None:
    folder.mkdir(exist_ok=True)
    part.replace(folder / name)
    sync_folder(folder)
    sync_folder(folder.parent)


def _entered(
    store: ServerStore, upload_id: str, plant_id: str, account_id: int, name: str, size: int, sha256: str
) -> Upload:
    with store.writing() as connection:
        made = Upload(upload_id, plant_id, account_id, name, size, sha256, now_us(connection))
        connection.execute(
            sa.insert(UPLOAD).values(
                id=made.id,
                plant_id=made.plant_id,
                account_id=made.account_id,
                file_name=made.file_name,
                size=made.size,
                sha256=made.sha256,
                received_us=made.received_us,
            )
        )
    return made


def _swept_part(path: Path) -> bool:
    """Remove a part that nobody writes any more; one with a word beside it waits for its next part for a while."""
    if path.name.endswith((".json", ".new")):
        lone = not path.with_name(path.name.partition(".")[0]).exists()
        return lone and _age_s(path) > _ROWLESS_S and remove_file(path)
    told = path.with_name(f"{path.name}.json")
    waits = told.exists() and _age_s(path) < PATIENCE_S
    just_begun = not told.exists() and path.stat().st_size == 0 and _age_s(path) < _ROWLESS_S
    if waits or just_begun or _is_locked(path):
        return False
    return remove_file(path) and remove_file(told)


def _swept_file(store: ServerStore, folder: Path) -> bool:
    if not _ID.fullmatch(folder.name) or _age_s(folder) < _ROWLESS_S:
        return False
    if upload_of(store, folder.parent.name, folder.name) is not None:
        return False
    shutil.rmtree(folder, ignore_errors=True)
    return True


def _is_locked(path: Path) -> bool:
    try:
        with path.open("r+b") as file:
            return not lock_file(file)
    except OSError as error:
        return error.errno != errno.ENOENT


def _age_s(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
