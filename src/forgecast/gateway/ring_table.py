"""Which columns a table of upset rings has."""

from __future__ import annotations

from forgecast.gateway.measured_table import Wanted

#: Height and bore after upsetting, a row a ring.
RING_COLUMNS = (
    Wanted("height", "length", ("height", "height after", "h", "高度", "变形后高度"), "height [mm]"),
    Wanted("bore", "length", ("bore", "bore after", "inner diameter", "d", "内径", "变形后内径"), "bore [mm]"),
)
