"""The one file of a backup: a tar of files with their SHA-256 in a manifest, which comes last."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

from forgecast import __version__
from forgecast.ground.dates import from_us
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text
from forgecast.store.durable import DurableFile, sync_folder

MANIFEST = "manifest.json"
FORMAT = 1
_PIECE = 1 << 20
_LARGEST_MANIFEST = 1 << 28


class BackupError(ForgecastError):
    """A backup cannot be made, or cannot be put back."""

    code = "backup"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds.

    Parameters
    ----------
    about : dict
        Version, engines, plants.
    files : dict of str to tuple
        SHA-256 and size by name.
    """

    about: dict[str, Any]
    files: dict[str, tuple[str, int]] = field(default_factory=dict)


class _Hashing(io.RawIOBase):
    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.hash = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        read = self._file.read(size)
        self.hash.update(read)
        return read


class Packing:
    """An archive that is being written (see `packing`)."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self.files: dict[str, tuple[str, int]] = {}

    def add(self, path: Path, name: str) -> None:
        """Add a file under a name with slashes; one that has been deleted meanwhile is left out."""
        try:
            file = path.open("rb")
        except FileNotFoundError:
            return
        with file:
            info = tarfile.TarInfo(name)
            info.size = os.fstat(file.fileno()).st_size
            info.mtime = int(path.stat().st_mtime) if path.exists() else int(time.time())
            info.mode = 0o600
            hashing = _Hashing(file)
            self._tar.addfile(info, cast("BinaryIO", hashing))
        self.files[name] = hashing.hash.hexdigest(), info.size


@contextmanager
def packing(path: Path, about: dict[str, Any]) -> Iterator[Packing]:
    """Write an archive: it has its name once all of it is on the disk, and before that it is no archive.

    Parameters
    ----------
    path : Path
        A name that is free.
    about : dict
        Completed within the block; it goes into the manifest.

    Raises
    ------
    BackupError
        If there is something of that name.
    """
    if path.exists():
        raise BackupError(
            text("there is something here already"),
            where=str(path),
            repair=text("choose a new name; a backup is never written over"),
        )
    try:
        file = DurableFile(path)
    except OSError as error:
        raise BackupError(
            text("the backup cannot be written: {reason}", reason=error.strerror or str(error)),
            where=str(path),
            repair=text("choose a folder that is there and may be written in"),
        ) from error
    try:
        # It holds what proves passwords, and keys.
        file.part.chmod(0o600)
        with (
            gzip.GzipFile("", "wb", compresslevel=1, fileobj=cast("Any", file)) as zipped,
            tarfile.open(fileobj=cast("Any", zipped), mode="w|", bufsize=_PIECE) as tar,
        ):
            packed = Packing(tar)
            yield packed
            _add_manifest(tar, about, packed.files)
        file.publish()
        sync_folder(path.parent)
    except BaseException:
        file.abandon()
        raise


def _add_manifest(tar: tarfile.TarFile, about: dict[str, Any], files: dict[str, tuple[str, int]]) -> None:
    now = from_us(time.time_ns() // 1_000).isoformat().replace("+00:00", "Z")
    told = {"format": FORMAT, "version": __version__, "made_at": now, **about}
    told["files"] = {name: {"sha256": sha256, "bytes": size} for name, (sha256, size) in files.items()}
    content = json.dumps(told, ensure_ascii=False, indent=1).encode("utf-8")
    info = tarfile.TarInfo(MANIFEST)
    info.size = len(content)
    info.mode = 0o600
    tar.addfile(info, io.BytesIO(content))


def unpack(path: Path, into: Path) -> Manifest:
    """Unpack an archive into an empty folder, and check that it is whole and as it was written.

    Raises
    ------
    BackupError
        If it is no backup, is damaged or cut off, or holds what no backup holds.
    """
    found: dict[str, tuple[str, int]] = {}
    manifest: bytes | None = None
    try:
        with path.open("rb") as file, tarfile.open(fileobj=file, mode="r|gz") as tar:
            for member in tar:
                source = tar.extractfile(member) if member.isreg() else None
                if source is None or manifest is not None:
                    raise _damaged(path, text("it holds `{name}`, which no backup holds", name=member.name))
                if member.name == MANIFEST:
                    manifest = source.read(_LARGEST_MANIFEST)
                    continue
                if member.name in found:
                    raise _damaged(path, text("it holds `{name}` twice", name=member.name))
                found[member.name] = _written(cast("BinaryIO", source), _place(path, into, member.name))
    except FileNotFoundError:
        raise BackupError(
            text("there is no such file"), where=str(path), repair=text("name the file that `--out` made")
        ) from None
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        raise _damaged(path, text("it cannot be read to its end: {reason}", reason=str(error))) from error
    if manifest is None:
        raise _damaged(path, text("its end is missing"))
    return _checked(path, manifest, found)


def _checked(path: Path, manifest: bytes, found: dict[str, tuple[str, int]]) -> Manifest:
    try:
        told = json.loads(manifest)
        files = {name: (str(one["sha256"]), int(one["bytes"])) for name, one in told.pop("files").items()}
        made_as = told["format"]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damaged(path, text("its manifest cannot be read")) from error
    if made_as != FORMAT:
        raise BackupError(
            text("the backup is of form {format}; this Forgecast knows {known}", format=str(made_as), known=FORMAT),
            where=str(path),
            repair=text("install the Forgecast that made it, version {version}", version=str(told.get("version"))),
        )
    for name in sorted(files.keys() | found.keys()):
        if files.get(name) != found.get(name):
            raise _damaged(path, text("`{name}` is not as it was written", name=name))
    return Manifest(told, files)


def _place(archive: Path, into: Path, name: str) -> Path:
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or ".." in parts or "\\" in name or ":" in name or "\0" in name:
        raise _damaged(archive, text("it holds `{name}`, which no backup holds", name=name))
    return into.joinpath(*parts)


def _written(source: BinaryIO, path: Path) -> tuple[str, int]:
    path.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with path.open("xb") as file:
        while piece := source.read(_PIECE):
            digest.update(piece)
            size += len(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest(), size


def _damaged(path: Path, what: Text) -> BackupError:
    return BackupError(what, where=str(path), repair=text("take another backup; nothing was put back"))
