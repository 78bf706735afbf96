"""Pages of quality: what is out of control, charts, capability, losses, studies."""

# The order is that of the menu.
# isort: off
from forgecast.app.pages.quality import overview
from forgecast.app.pages.quality import charts
from forgecast.app.pages.quality import losses
from forgecast.app.pages.quality import studies

# isort: on

__all__ = ["charts", "losses", "overview", "studies"]
