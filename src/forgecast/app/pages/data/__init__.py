"""Pages of the data: what is there, files that come in, what each of them said, rows and their history, the trail."""

from forgecast.app.pages.data import bring_in, enter, imports, overview, records, trail

__all__ = ["bring_in", "enter", "imports", "overview", "records", "trail"]
