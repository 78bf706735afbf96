"""The only place that knows an engine: DuckDB, Polars or Spark, a lazy frame each over the files of the manifest."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeAlias

import narwhals as nw
import pyarrow as pa

from forgecast.ground.errors import PlantError
from forgecast.ground.texts import text

EngineName: TypeAlias = Literal["duckdb", "polars", "spark"]
#: Where Spark works if nobody names a cluster: two threads of this machine.
LOCAL_SPARK = "local[2]"


def frame_of(files: Sequence[Path], engine: EngineName, master: str = LOCAL_SPARK) -> nw.LazyFrame[Any]:
    """Return the readings of raw files as a lazy frame of an engine.

    Parameters
    ----------
    files : sequence of Path
        As the manifest lists them; no folder is ever searched.
    engine : str
        ``duckdb``, ``polars`` or ``spark``.
    master : str
        Spark's master: ``spark://host:port`` of a cluster whose workers see the plant folder under the same path, or
        ``local[n]``. Other engines ignore it.

    Raises
    ------
    PlantError
        If the engine is not installed, or Spark works in this process for another master already.
    """
    if engine == "duckdb":
        return _duckdb([str(path) for path in files])
    if engine == "polars":
        return _polars([str(path) for path in files])
    return _spark([path.absolute().as_posix() for path in files], master)


def beside(frame: nw.LazyFrame[Any], columns: Mapping[str, pa.Array]) -> nw.LazyFrame[Any]:
    """Return a small table in the engine of a frame, so that the two can be joined."""
    small = pa.table(dict(columns))
    native = frame.to_native()
    if frame.implementation.is_duckdb():
        # Relations join within one connection only, and a relation reaches its own: DuckDB finds `small` by its name.
        return _lazy(native.query("readings", "select * from small"))
    if frame.implementation.is_polars():
        import polars as pl  # noqa: PLC0415  (an optional engine)

        return nw.from_native(pl.DataFrame(small).lazy())
    return _lazy(native.sparkSession.createDataFrame(small))


def _duckdb(files: list[str]) -> nw.LazyFrame[Any]:
    # In memory, one per question: a DuckDB file cannot be shared by processes. No extension is ever fetched.
    import duckdb  # noqa: PLC0415  (only questions over raw readings need the engine)

    connection = duckdb.connect(
        ":memory:", config={"autoinstall_known_extensions": False, "autoload_known_extensions": False}
    )
    connection.execute("set enable_progress_bar = false")  # it would be drawn into whatever is printed
    if not files:
        empty = "select ''::varchar tag, 0::bigint t, 0::double as value, 0::tinyint flag where false"
        return _lazy(connection.sql(empty))
    return _lazy(connection.read_parquet(files, hive_partitioning=False))


def _polars(files: list[str]) -> nw.LazyFrame[Any]:
    try:
        import polars as pl  # noqa: PLC0415  (the second engine is not among the dependencies)
    except ModuleNotFoundError:
        raise PlantError(
            text("the engine {name} is not installed", name="polars"),
            repair=text("run `pip install polars`, or leave the engine to DuckDB"),
        ) from None
    if not files:
        schema = {"tag": pl.String, "t": pl.Int64, "value": pl.Float64, "flag": pl.Int8}
        return nw.from_native(pl.LazyFrame(schema=schema))
    return nw.from_native(pl.scan_parquet(files, hive_partitioning=False, glob=False))


def _spark(files: list[str], master: str) -> nw.LazyFrame[Any]:
    session = spark_session(master)
    schema = "tag string, t bigint, value double, flag tinyint"
    if not files:
        return _lazy(session.createDataFrame([], schema))
    # Spark takes a path as a pattern and a folder named key=value as a column: neither is meant.
    plain = ["".join(f"\\{sign}" if sign in "{}[]*?\\" else sign for sign in file) for file in files]
    reader = session.read.schema(schema).option("recursiveFileLookup", "true")
    return _lazy(reader.parquet(*(f"file:///{file.lstrip('/')}" for file in plain)))


def _lazy(native: Any) -> nw.LazyFrame[Any]:  # noqa: ANN401  (whatever an engine calls a frame)
    made: nw.LazyFrame[Any] = nw.from_native(native)
    return made


def spark_session(master: str = LOCAL_SPARK) -> Any:  # noqa: ANN401  (pyspark comes without being a dependency)
    """Return this process's Spark session with a master; there is one in a process, and it stays until it is stopped.

    Raises
    ------
    PlantError
        If Spark or Java is not there, or the session of this process has another master.
    """
    try:
        from pyspark.errors import PySparkRuntimeError  # noqa: PLC0415  (an optional engine)
        from pyspark.sql import SparkSession  # noqa: PLC0415
    except ModuleNotFoundError:
        raise PlantError(
            text("the engine {name} is not installed", name="spark"),
            repair=text("run `pip install forgecast[spark]`, and install Java 17, or leave the engine to DuckDB"),
        ) from None
    running = SparkSession.getActiveSession()
    if running is not None and running.sparkContext.master != master:
        raise PlantError(
            text("Spark works for {running} in this process already", running=running.sparkContext.master),
            where=master,
            repair=text("stop that session first, or ask there"),
        )
    # The workers take the Python of the driver, not the first one on their path.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    loopback = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
    on_this_machine = master.startswith(("local", "spark://127.0.0.1:", "spark://localhost:"))
    builder = SparkSession.builder.master(master).appName("forgecast")
    settings = {
        "spark.sql.session.timeZone": "UTC",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
        # A plant's questions are small for a cluster: its 200 pieces by default are mostly empty ones.
        "spark.sql.shuffle.partitions": "8",
    } | (loopback if on_this_machine else {})
    for key, value in settings.items():
        builder = builder.config(key, value)
    try:
        return builder.getOrCreate()
    except PySparkRuntimeError as error:
        raise PlantError(
            text("Spark did not start: {reason}", reason=str(error)),
            where=master,
            repair=text("install Java 17 (on Debian openjdk-17-jre-headless), and see that the master runs"),
        ) from error
