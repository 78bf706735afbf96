"""Pages of the pieces: search, genealogy and life of anything with a number, recall, certificates, labels, grades."""

from forgecast.app.pages.pieces import certificates, exchange, grades, recall, search, subject

__all__ = ["certificates", "exchange", "grades", "recall", "search", "subject"]
