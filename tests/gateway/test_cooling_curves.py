"""Cooling curves out of files: units stand in the headers or are told, and are never guessed."""

from __future__ import annotations

from pathlib import Path

import pytest

from forgecast.gateway.case_file import CaseError
from forgecast.gateway.cooling_curve import ColumnAsked, read_curve


def written(tmp_path: Path, content: str) -> Path:
    path = tmp_path / "cup.csv"
    path.write_text(content, encoding="utf-8")
    return path


def test_units_of_the_headers_are_used(tmp_path: Path) -> None:
    read = read_curve(written(tmp_path, "No,时间(min),温度(℃)\n1,0,1300\n2,0.5,1290\n3,1.0,\n"))
    assert read.time.tolist() == [0.0, 30.0]
    assert read.temperature.tolist() == pytest.approx([1573.15, 1563.15])
    assert read.left_out == 1


def test_a_file_without_units_is_read_where_they_are_told(tmp_path: Path) -> None:
    path = written(tmp_path, "t,T\n0,1300\n1,1290\n")
    with pytest.raises(CaseError, match="can be meant"):
        read_curve(path)
    with pytest.raises(CaseError, match="in which unit"):
        read_curve(path, time=ColumnAsked("t"), temperature=ColumnAsked("T", "degC"))
    read = read_curve(path, time=ColumnAsked("t", "s"), temperature=ColumnAsked("T", "degC"))
    # The headers differ by their case alone, and that is enough.
    assert (read.time[1], read.temperature[0]) == (1.0, pytest.approx(1573.15))
    assert read.columns == ("t", "T")


def test_headers_and_call_may_not_contradict_each_other(tmp_path: Path) -> None:
    path = written(tmp_path, "time [s],a [K],b [degC]\n0,1300,1\n1,1290,2\n")
    with pytest.raises(CaseError, match="2 columns"):
        read_curve(path)
    assert read_curve(path, temperature=ColumnAsked("a")).temperature[0] == 1300.0
    with pytest.raises(CaseError, match="the call says degC"):
        read_curve(path, temperature=ColumnAsked("a", "degC"))
    with pytest.raises(CaseError, match="is no unit of"):
        read_curve(path, temperature=ColumnAsked("a", "kg"))


def test_a_word_among_the_readings_is_told_with_its_row(tmp_path: Path) -> None:
    with pytest.raises(CaseError) as refused:
        read_curve(written(tmp_path, "time [s],T [degC]\n0,1300\n1,hot\n"))
    assert refused.value.where == "cup.csv:3: T [degC]"
