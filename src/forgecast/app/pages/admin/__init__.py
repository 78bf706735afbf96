"""Pages of the administration: work in progress, people, what was done, plants, the server; and one's own account."""

from forgecast.app.pages.admin import account, deeds, health, people, person, plants, work

__all__ = ["account", "deeds", "health", "people", "person", "plants", "work"]
