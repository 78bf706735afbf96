"""Pages of what is live: signals, alarms, incidents, instruments, machines and their condition."""

# The order is that of the menu.
# isort: off
from forgecast.app.pages.live import board
from forgecast.app.pages.live import alarms
from forgecast.app.pages.live import signal
from forgecast.app.pages.live import machines
from forgecast.app.pages.live import searches
from forgecast.app.pages.live import wear
from forgecast.app.pages.live import instruments

# isort: on

__all__ = ["alarms", "board", "instruments", "machines", "searches", "signal", "wear"]
