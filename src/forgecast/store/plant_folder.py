"""The plant folder: settings, records and series of one plant, made whole and opened with care."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy.engine import Engine

from forgecast.ground.errors import PlantError
from forgecast.ground.finding import Finding
from forgecast.ground.texts import text
from forgecast.plant.rows import Value
from forgecast.store.audit import Head, head
from forgecast.store.browse import Condition, Held, LoggedImport, RowPage, browse, findings_of, held, import_log
from forgecast.store.corrections import Corrected, corrections
from forgecast.store.database import BUSY_TIMEOUT_S, boundary, engine, reading, sqlite_url
from forgecast.store.durable import DurableFile, sync_folder
from forgecast.store.entry import Entry, entering
from forgecast.store.guard import Standing, standing
from forgecast.store.history import Version, history
from forgecast.store.importing import Import, Source, imported_before, importing
from forgecast.store.live.log import ROWS_A_SEGMENT
from forgecast.store.live.sealing import LivePlant, Sealed, seal
from forgecast.store.live.sink import SEAL_AFTER_S, Live
from forgecast.store.live.tail import LiveTail
from forgecast.store.migrate import bring_up_to_date
from forgecast.store.records import Records
from forgecast.store.settings import FILE_NAME, PlantSettings, checked_settings, read_settings, written_settings
from forgecast.store.spool import ROWS_IN_MEMORY
from forgecast.store.telemetry import Telemetry
from forgecast.store.turn import line_of
from forgecast.store.verify import Verification, verify
from forgecast.store.who import who

TELEMETRY = "telemetry"


class PlantFolder:
    """An open plant folder; use it in a ``with`` block.

    Parameters
    ----------
    path : Path
    settings : PlantSettings
    database : Engine

    Attributes
    ----------
    records : Records
        Rows, imports and findings.
    telemetry : Telemetry
        Time series.
    """

    def __init__(self, path: Path, settings: PlantSettings, database: Engine) -> None:
        self.path = path
        self.settings = settings
        self.records = Records(database, str(path))
        self.telemetry = Telemetry(path, database)
        self._database = database
        self._tail = LiveTail(self._live_plant(""), self.telemetry)

    @staticmethod
    def create(path: Path, settings: PlantSettings) -> PlantFolder:
        """Make a plant folder and open it.

        It is built beside its place under another name and moved there when it is whole, so a crash leaves nothing
        half made.

        Parameters
        ----------
        path : Path
            A name that is free, or an empty folder.
        settings : PlantSettings

        Raises
        ------
        PlantError
            If something is there already, a setting is wrong, or the place cannot be written.
        """
        checked_settings(settings)
        path = Path(path).absolute()
        _refuse_taken(path)
        with boundary(str(path)):
            path.parent.mkdir(parents=True, exist_ok=True)
            building = Path(tempfile.mkdtemp(prefix=f".{path.name}-new-", dir=path.parent))
            try:
                _build(building, settings)
                building.chmod(0o755)
                if path.is_dir():
                    path.rmdir()
                building.replace(path)
                sync_folder(path.parent)
            except BaseException:
                shutil.rmtree(building, ignore_errors=True)
                raise
        return PlantFolder.open(path)

    @staticmethod
    def open(path: Path, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> PlantFolder:
        """Open a plant folder; an older one is brought up to date first (a copy of its records is kept).

        Raises
        ------
        PlantError
            If it is no plant folder, is damaged, or was written by a newer version.
        """
        path = Path(path).absolute()
        settings = read_settings(path)
        database = engine(_url(path, settings), busy_timeout_s=busy_timeout_s)
        if database.url.get_backend_name() == "sqlite" and not Path(str(database.url.database)).is_file():
            raise PlantError(
                text("the records of this plant are missing"),
                where=str(database.url.database),
                repair=text("put the file back from a backup, or correct store.records in plant.toml"),
            )
        (path / TELEMETRY).mkdir(exist_ok=True)
        try:
            bring_up_to_date(database, str(path / settings.records))
        except BaseException:
            database.dispose()
            raise
        return PlantFolder(path, settings, database)

    def importing(
        self,
        source: Source,
        *,
        by: str = "",
        progress: Callable[[float], None] = lambda _share: None,
        rows_in_memory: int = ROWS_IN_MEMORY,
    ) -> AbstractContextManager[Import]:
        """Open the one transaction in which a file is taken in.

        Parameters
        ----------
        source : Source
            The file.
        by : str
            Who answers for it; without it the environment or the operating system says (`forgecast.store.who`).
        progress : callable
            Is told the share of the writing done, 0 to 1.
        rows_in_memory : int
            How many readings are held before they are spilled to the disk.

        Raises
        ------
        PlantError
            If another import is writing, or the disk refuses; then nothing has changed.
        """
        return importing(
            self._database,
            self.path,
            source,
            by=who(by),
            zone=self.settings.zone,
            progress=progress,
            rows_in_memory=rows_in_memory,
        )

    def entering(self, *, by: str = "") -> AbstractContextManager[Entry]:
        """Open the one transaction in which rows are entered without a file.

        Parameters
        ----------
        by : str
            Who answers for it; without it the environment or the operating system says (`forgecast.store.who`).

        Raises
        ------
        PlantError
            If another import is writing, or the disk refuses; then nothing has changed.
        """
        return entering(self._database, self.path, by=who(by))

    def live(
        self, *, by: str = "", seals: bool = True, seal_rows: int = ROWS_A_SEGMENT, seal_after_s: float = SEAL_AFTER_S
    ) -> Live:
        """Open the sink that takes readings as they come; use it in a ``with`` block.

        A batch is on the disk before its source is answered. What was taken is sealed into the series beside that.

        Parameters
        ----------
        by : str
            Who answers for what is sealed; without it the environment or the operating system says.
        seals : bool
            Whether this process seals; otherwise another one has to call `seal` from time to time.
        seal_rows, seal_after_s : int, float
            Readings and seconds after which a seal is due.
        """
        return Live(self._live_plant(who(by)), seals=seals, seal_rows=seal_rows, seal_after_s=seal_after_s)

    def seal(self, *, by: str = "") -> Sealed:
        """Seal the live readings of all sources now; processes that take some are asked to close their segment.

        Raises
        ------
        PlantError
            If another writer holds the plant, or the disk refuses; then the readings stay in the log.
        """
        return seal(self._live_plant(who(by)))

    @property
    def tail(self) -> LiveTail:
        """Return the reader of live readings, sealed or not; whoever writes them is not disturbed."""
        return self._tail

    def _live_plant(self, by: str) -> LivePlant:
        return LivePlant(self._database, self.path, self.settings.id, self.settings.zone, by)

    def imported_before(self, sha256: str, map_sha256: str = "") -> int | None:
        """Return the number of the import that took in the same bytes by the same map, None if there is none."""
        with reading(self._database, str(self.path)) as connection:
            return imported_before(connection, sha256, map_sha256)

    def audit_head(self) -> Head:
        """Return the last link of the audit trail: noted elsewhere, it shows a trail whose end was cut off."""
        with reading(self._database, str(self.path)) as connection:
            return head(connection)

    def verify(self, *, noted: str = "", progress: Callable[[float], None] = lambda _share: None) -> Verification:
        """Recompute the audit trail and compare it with rows and series files (`forgecast.store.verify.verify`)."""
        with reading(self._database, str(self.path)) as connection:
            return verify(connection, self.path, noted=noted, progress=progress)

    def history(self, name: str, key: Sequence[Value]) -> tuple[Version, ...]:
        """Return the versions of a row, oldest first (`forgecast.store.history.history`)."""
        with reading(self._database, str(self.path)) as connection:
            return history(connection, name, key)

    def browse(
        self,
        name: str,
        conditions: Sequence[Condition] = (),
        *,
        words: str = "",
        sort: str = "",
        descending: bool = False,
        skip: int = 0,
        limit: int = 100,
    ) -> RowPage:
        """Return some rows of a record (`forgecast.store.browse.browse`)."""
        with reading(self._database, str(self.path)) as connection:
            return browse(
                connection, name, conditions, words=words, sort=sort, descending=descending, skip=skip, limit=limit
            )  # fmt: skip

    def held(self) -> tuple[Held, ...]:
        """Return what the plant holds of every record (`forgecast.store.browse.held`)."""
        with reading(self._database, str(self.path)) as connection:
            return held(connection)

    def import_log(self) -> tuple[LoggedImport, ...]:
        """Return what was taken in, newest first (`forgecast.store.browse.import_log`)."""
        with reading(self._database, str(self.path)) as connection:
            return import_log(connection)

    def findings_of(self, import_id: int) -> tuple[Finding, ...]:
        """Return the findings of one import (`forgecast.store.browse.findings_of`)."""
        with reading(self._database, str(self.path)) as connection:
            return findings_of(connection, import_id)

    def corrections(self, name: str) -> tuple[Corrected, ...]:
        """Return the rows of a record that were replaced (`forgecast.store.corrections.corrections`)."""
        with reading(self._database, str(self.path)) as connection:
            return corrections(connection, name)

    def standing(self, kind: str, number: str) -> Standing | None:
        """Return how a heat, piece … stands and what may be decided next; None where it has no row."""
        with reading(self._database, str(self.path)) as connection:
            return standing(connection, kind, number, time.time_ns() // 1_000)

    def close(self) -> None:
        """Let go of the database."""
        self._database.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _refuse_taken(path: Path) -> None:
    if path.is_file() or (path.is_dir() and any(path.iterdir())):
        raise PlantError(
            text("there is something here already"),
            where=str(path),
            repair=text("choose a new name or an empty folder; a plant folder is never written over"),
        )


def _build(building: Path, settings: PlantSettings) -> None:
    toml = DurableFile(building / FILE_NAME)
    toml.write(written_settings(settings).encode("utf-8"))
    toml.publish()
    (building / TELEMETRY).mkdir()
    database = engine(_url(building, settings))
    try:
        bring_up_to_date(database, str(building / settings.records))
    finally:
        # Closing the last connection folds the write-ahead log into the file.
        database.dispose()
    shutil.rmtree(line_of(building / settings.records), ignore_errors=True)  # nobody else could be in it
    sync_folder(building)


def _url(folder: Path, settings: PlantSettings) -> str:
    return settings.records if "://" in settings.records else sqlite_url(folder / settings.records)
