"""Pages of quality: what is out of control, charts, capability, losses, studies."""

from __future__ import annotations

from importlib import import_module

# The order is that of the menu.
for _name in ("overview", "charts", "losses", "studies"):
    import_module(f"{__name__}.{_name}")
