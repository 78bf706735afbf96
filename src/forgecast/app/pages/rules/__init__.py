"""Rules: this plant's verdicts with their why, the rulebooks, what if, two days beside each other, files."""

from forgecast.app.pages.rules import books, compare, figure, fill, overview, take_along, verdict, what_if  # noqa: F401
