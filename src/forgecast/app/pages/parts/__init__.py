"""Building blocks of the pages: every page is made of these, so all look and behave alike.

A part either places itself (`heading`, `card`, `key_figures`, `facts`, `table`, `chart`, `grid` …) or returns
`Markup` that stands inside a line or a cell (`number`, `link`, `badge`, `chip`, `moment`, `day`, `tag`).
"""

from forgecast.app.pages.parts.asked import asked
from forgecast.app.pages.parts.chart import Chart, chart
from forgecast.app.pages.parts.drafts import Draft, draft
from forgecast.app.pages.parts.fields import choice_field, day_field, number_field, switch_field, text_field
from forgecast.app.pages.parts.figures import Heading, KeyFigure, facts, facts_markup, key_figures, table
from forgecast.app.pages.parts.grid import Column, Grid, grid
from forgecast.app.pages.parts.inline import badge, chip, day, lines, link, moment, number, own_address, severity_badge
from forgecast.app.pages.parts.jobs import job_progress
from forgecast.app.pages.parts.layout import (
    buttons,
    card,
    columns,
    filter_bar,
    fold,
    heading,
    paragraph,
    row,
    section,
    tabs,
)
from forgecast.app.pages.parts.markup import Content, Markup, joined, put, tag
from forgecast.app.pages.parts.mesh_view import MeshView, mesh_view
from forgecast.app.pages.parts.picture import picture
from forgecast.app.pages.parts.states import (
    button,
    confirm,
    dialog,
    empty,
    error_box,
    notice,
    tell_failures,
    toast,
    waiting,
)
from forgecast.app.pages.parts.uploads import UploadField, upload_field
from forgecast.app.pages.parts.verdicts import findings_table, verdict_head, verdict_tree
from forgecast.app.pages.parts.words import Reader, Words, said

__all__ = [
    "Chart",
    "Column",
    "Content",
    "Draft",
    "Grid",
    "Heading",
    "KeyFigure",
    "Markup",
    "MeshView",
    "Reader",
    "UploadField",
    "Words",
    "asked",
    "badge",
    "button",
    "buttons",
    "card",
    "chart",
    "chip",
    "choice_field",
    "columns",
    "confirm",
    "day",
    "day_field",
    "dialog",
    "draft",
    "empty",
    "error_box",
    "facts",
    "facts_markup",
    "filter_bar",
    "findings_table",
    "fold",
    "grid",
    "heading",
    "job_progress",
    "joined",
    "key_figures",
    "lines",
    "link",
    "mesh_view",
    "moment",
    "notice",
    "number",
    "number_field",
    "own_address",
    "paragraph",
    "picture",
    "put",
    "row",
    "said",
    "section",
    "severity_badge",
    "switch_field",
    "table",
    "tabs",
    "tag",
    "tell_failures",
    "text_field",
    "toast",
    "upload_field",
    "verdict_head",
    "verdict_tree",
    "waiting",
]
