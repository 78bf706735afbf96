"""Pages of the pieces: search, genealogy and life of anything with a number, recall, certificates, labels, grades."""

# In the order in which the navigation lists their pages.
# isort: off
from forgecast.app.pages.pieces import search
from forgecast.app.pages.pieces import subject
from forgecast.app.pages.pieces import recall
from forgecast.app.pages.pieces import certificates
from forgecast.app.pages.pieces import exchange
from forgecast.app.pages.pieces import grades

__all__ = ["certificates", "exchange", "grades", "recall", "search", "subject"]
