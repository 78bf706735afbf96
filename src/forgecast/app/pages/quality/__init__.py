"""Pages of quality: what is out of control, charts, capability, losses, studies."""

from forgecast.app.pages.quality import charts, losses, overview, studies

__all__ = ["charts", "losses", "overview", "studies"]
