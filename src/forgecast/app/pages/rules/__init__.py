"""Rules: this plant's verdicts with their why, the rulebooks, what if, two days beside each other, files."""

# In the order of the menu.
# isort: off
from forgecast.app.pages.rules import overview as overview
from forgecast.app.pages.rules import what_if as what_if
from forgecast.app.pages.rules import compare as compare
from forgecast.app.pages.rules import take_along as take_along
from forgecast.app.pages.rules import books as books
from forgecast.app.pages.rules import fill as fill
from forgecast.app.pages.rules import figure as figure
from forgecast.app.pages.rules import verdict as verdict
