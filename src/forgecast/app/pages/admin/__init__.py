"""Pages of the administration: work in progress, people, what was done, plants, the server; and one's own account."""
# ruff: noqa: I001  (the menu lists pages in this order)

from forgecast.app.pages.admin import work
from forgecast.app.pages.admin import people, person
from forgecast.app.pages.admin import deeds
from forgecast.app.pages.admin import plants
from forgecast.app.pages.admin import health
from forgecast.app.pages.admin import account

__all__ = ["account", "deeds", "health", "people", "person", "plants", "work"]
