"""The files of the sample plant: same seed, same bytes; sizes; languages, encodings and headers."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest

from forgecast.ground.errors import ForgecastError
from forgecast.plant.record import record, records
from forgecast.sample.plan import ALL_TAGS, ESSENTIAL_TAGS, reading_count, size_of
from forgecast.sample.series import SCHEMA
from forgecast.sample.table import headers, master_rows
from forgecast.sample.tags import series_tags
from forgecast.sample.trouble import SampleManifest
from forgecast.sample.write import DEMO_SCALE, write_sample_files

SMALL = 0.001


def _hashes(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_same_seed_writes_the_same_bytes_and_another_seed_does_not(sample: SampleManifest, tmp_path: Path) -> None:
    again = write_sample_files(tmp_path / "again", scale=SMALL)
    assert _hashes(again.folder) == _hashes(sample.folder)
    other = write_sample_files(tmp_path / "other", scale=SMALL, seed=8)
    same = {name for name, digest in _hashes(other.folder).items() if _hashes(sample.folder).get(name) == digest}
    # Only what describes the plant, not its year, is the same for every seed.
    plant = {
        "01_基础台账.xlsx",
        "02_能源环境碳.xlsx",
        "site.csv",
        "alloys.csv",
        "products.csv",
        "meters.tsv",
        "tags.csv",
    }
    assert same == plant | {"meters.tsv", "tags.csv"}


def test_records_do_not_depend_on_the_scale(sample: SampleManifest, tmp_path: Path) -> None:
    larger = write_sample_files(tmp_path / "larger", scale=0.014)
    different = {name for name, digest in _hashes(larger.folder).items() if _hashes(sample.folder)[name] != digest}
    assert {name for name in different if not name.startswith("readings_")} == {"README.md", "tags.csv"}


@pytest.mark.parametrize(
    ("scale", "tags", "minutes"),
    [(1.0, 200, 1), (0.2, 40, 1), (0.1, 40, 2), (0.04, 40, 5), (0.02, 40, 10), (0.05, 50, 5), (0.001, 40, 30)],
)
def test_size_follows_from_the_scale(scale: float, tags: int, minutes: int) -> None:
    assert (size_of(scale).tags, size_of(scale).interval_min) == (tags, minutes)


def test_scale_one_is_200_tags_at_one_minute_for_a_year() -> None:
    assert reading_count(1.0, 2025) == 200 * 365 * 24 * 60
    assert reading_count(1.0, 2028) == 200 * 366 * 24 * 60
    tags = series_tags(size_of(1.0))
    assert len(tags) == len({tag.id for tag in tags}) == ALL_TAGS
    # The essential tags are there at every scale, and the demo stays near two million readings.
    assert {tag.id for tag in series_tags(size_of(0.001))} == {row["id"] for row in master_rows("tag")}
    assert len(master_rows("tag")) == ESSENTIAL_TAGS
    assert reading_count(DEMO_SCALE) <= DEMO_SCALE * 200 * 365 * 24 * 60


@pytest.mark.parametrize("scale", [0.0, -1.0, 1.01, float("nan")])
def test_a_scale_that_cannot_be_is_refused(scale: float) -> None:
    with pytest.raises(ForgecastError, match="scale"):
        size_of(scale)


def test_an_occupied_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(ForgecastError, match="not empty"):
        write_sample_files(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_the_manifest_counts_what_the_files_hold(sample: SampleManifest) -> None:
    in_parquet = [path for path in sample.files if path.name.startswith("readings_")]
    assert len(in_parquet) == 12
    counted = 0
    for path in in_parquet:
        file = pq.ParquetFile(path)
        assert file.schema_arrow.equals(SCHEMA)
        assert b"synthetic" in file.schema_arrow.metadata
        counted += file.metadata.num_rows
    assert counted == reading_count(SMALL) == 40 * 365 * 48
    quarters = gzip.decompress(next(p for p in sample.files if "15min" in p.name).read_bytes()).decode()
    rows = quarters.count("\n") - 1
    assert counted + rows == sample.readings
    gap = next(t for t in sample.planted if t.id == "meter-gap")
    again = next(t for t in sample.planted if t.id == "repeated-stamps")
    assert rows == 3 * 365 * 96 - gap.count + again.count
    assert (gap.count, again.count) == (3 * 5 * 96, 3 * 12)
    assert set(sample.files) | {sample.folder / "README.md"} == set(sample.folder.iterdir())


def test_parquet_is_sorted_by_tag_and_time(sample: SampleManifest) -> None:
    table = pq.read_table(next(p for p in sample.files if p.name == "readings_2025-02.parquet"))
    keys = list(zip(table["tag"].to_pylist(), table["t"].to_pylist(), strict=True))
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)


def test_every_header_is_one_of_the_record_and_required_ones_are_there(sample: SampleManifest) -> None:
    seen: dict[str, list[str]] = {}
    for path in sample.files:
        if path.suffix == ".xlsx":
            book = openpyxl.load_workbook(path, read_only=True)
            for sheet in book.worksheets:
                first = next(sheet.iter_rows(values_only=True))
                seen[f"{path.name}!{sheet.title}"] = [str(cell) for cell in first]
            book.close()
        elif path.suffix != ".parquet" and "15min" not in path.name:
            raw = path.read_bytes()
            raw = gzip.decompress(raw) if path.suffix == ".gz" else raw
            written = raw.decode("gb18030" if not path.name.isascii() else "utf-8")
            delimiter = next(one for one in "\t;," if one in written.splitlines()[0])
            seen[path.name] = next(csv.reader(io.StringIO(written), delimiter=delimiter))
    fed = {"permit", "equipment", "process", "measure", "stack", "permit_limit", "heat"}
    for place, header in seen.items():
        names = {_bare(cell) for cell in header}
        fits = [
            name
            for name, one in records().items()
            if names <= ({f.name for f in one.fields} | {f.header.say("zh") for f in one.fields})
            and all(f.name in names or f.header.say("zh") in names for f in one.fields if f.required)
        ]
        assert fits, place
    assert len(seen) == 6 + 6 + 4 + 7 + 6 + 6 + 14 + 14 + 4 + 2
    assert fed <= set(sample.rows)


def _bare(cell: str) -> str:
    for bracket in ("（", " ["):
        cell = cell.partition(bracket)[0]
    return cell


def test_every_header_of_a_quantity_says_its_unit(sample: SampleManifest) -> None:
    raw = next(p for p in sample.files if p.name == "感应电炉炉次2025.csv").read_bytes().decode("gb18030")
    header = raw.splitlines()[0].split(",")
    assert "出炉质量（t）" in header
    assert "装料质量（kg）" in header
    assert "出炉温度（℃）" in header
    assert headers("heat")["mass"].unit == record("heat").field("mass").unit == "kg"


def test_all_is_called_synthetic(sample: SampleManifest) -> None:
    site = next(p for p in sample.files if p.name == "site.csv").read_text(encoding="utf-8")
    assert "synthetic" in site
    assert "虚构" in site
    for path in sample.files:
        if path.suffix == ".xlsx":
            assert "synthetic" in str(openpyxl.load_workbook(path, read_only=True).properties.title)
    assert "虚构" in (sample.folder / "README.md").read_text(encoding="utf-8")


def test_progress_rises_to_the_end(tmp_path: Path) -> None:
    told: list[float] = []
    write_sample_files(tmp_path / "files", scale=SMALL, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0)


def test_every_planted_trouble_has_both_languages_and_lies_in_a_written_file(sample: SampleManifest) -> None:
    names = {path.name for path in sample.files}
    for trouble in sample.planted:
        assert trouble.file in names, trouble.id
        assert trouble.what.say("en") != trouble.what.say("zh")
        assert (trouble.word == "") == (trouble.kind == "finding")
        assert trouble.found >= 1
    assert len({trouble.id for trouble in sample.planted}) == len(sample.planted) >= 15
