"""Pages of the data: what is there, files that come in, what each of them said, rows and their history, the trail."""

# In the order in which the navigation lists their pages.
# isort: off
from forgecast.app.pages.data import overview
from forgecast.app.pages.data import bring_in
from forgecast.app.pages.data import imports
from forgecast.app.pages.data import records
from forgecast.app.pages.data import enter
from forgecast.app.pages.data import trail

__all__ = ["bring_in", "enter", "imports", "overview", "records", "trail"]
