"""A key figure never loses its unit, whether its value is a number or already words."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from forgecast.app.pages.parts.figures import KeyFigure, _key_figure


@pytest.mark.parametrize("value", [349.0, "349"])
def test_the_unit_stands_behind_the_value(value: float | str) -> None:
    drawn = _key_figure(SimpleNamespace(language="zh"), KeyFigure("paid", value, "mg/m3"))
    assert "349" in drawn
    assert "mg/m³" in drawn
