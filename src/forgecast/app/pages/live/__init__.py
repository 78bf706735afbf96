"""Pages of what is live: signals, alarms, incidents, instruments, machines and their condition."""

from __future__ import annotations

from importlib import import_module

# The order is that of the menu.
for _name in ("board", "alarms", "signal", "machines", "searches", "wear", "instruments"):
    import_module(f"{__name__}.{_name}")
