"""Where the JavaScript lies that NiceGUI ships and our own components import (three.js, ECharts, AG Grid)."""

from __future__ import annotations

from pathlib import Path

import nicegui

_ELEMENTS = Path(nicegui.__file__).parent / "elements"

#: NiceGUI is pinned, because these places are its own affair; a test loads each component.
ECHART = {"nicegui-echart": str(_ELEMENTS / "echart" / "dist")}
AGGRID = {"nicegui-aggrid": str(_ELEMENTS / "aggrid" / "dist")}
SCENE = {"nicegui-scene": str(_ELEMENTS / "scene" / "dist")}
