"""Files as one archive that is packed while it is sent: nothing of it is ever on the disk, or whole in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile, ZipInfo

_PIECE = 1 << 20


class _Sink:
    """What an archive is written into: holds what has not been sent yet."""

    def __init__(self) -> None:
        self._held = bytearray()

    def write(self, data: bytes) -> int:
        """Hold bytes."""
        self._held += data
        return len(data)

    def flush(self) -> None:
        """Do nothing: what is held is taken."""

    def taken(self) -> bytes:
        """Return what is held, and hold nothing."""
        taken = bytes(self._held)
        self._held.clear()
        return taken


def archived(files: Mapping[str, Path]) -> Iterator[bytes]:
    """Yield the pieces of a ZIP archive; files are stored as they are, for most are compressed already.

    Parameters
    ----------
    files : mapping of str to Path
        By their names in the archive.
    """
    sink = _Sink()
    with ZipFile(sink, "w", ZIP_STORED) as archive:  # type: ignore[call-overload]  # it only writes
        for name, path in files.items():
            with path.open("rb") as source, archive.open(ZipInfo.from_file(path, name), "w") as target:
                while piece := source.read(_PIECE):
                    target.write(piece)
                    yield sink.taken()
    yield sink.taken()
