"""The standing report as one HTML file: no script, nothing fetched."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from importlib import resources
from typing import Any

from forgecast.app.report.markup import Html, Part, joined, picture, tag, void
from forgecast.app.report.webfont import font_faces
from forgecast.app.standing_report.content import report_of
from forgecast.app.standing_report.sheet import Block, Cell, Facts, Listing, Picture, Report, Sheet, Words
from forgecast.ground.texts import Language, text
from forgecast.tasks.report_standing import Standing

_CSS = """
.words.four { grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); }
.plain { --tone: var(--ink); }
.mark { color: var(--partly); font-weight: 600; font-size: .8rem; margin-left: auto; }
section p { max-width: 60rem; overflow-wrap: anywhere; }
section > figure.narrow { max-width: 46rem; margin-inline: auto; }
"""


def render_html(found: Standing, language: Language) -> str:
    """Return the report as one HTML file.

    Raises
    ------
    ForgecastError
        If a typeface is not installed.
    """
    report = report_of(found, language)
    body = joined((_navigation(report, language), _main(report)))
    title = f"{report.plant} · {report.title} · {report.at}"
    css = (resources.files("forgecast.app.report") / "report.css").read_text(encoding="utf-8")
    seen = re.sub(r'src="data:[^"]*"', "", html.unescape(body.source))
    head = joined(
        (
            void("meta", charset="utf-8"),
            void("meta", name="viewport", content="width=device-width, initial-scale=1"),
            void("meta", name="generator", content=report.version),
            tag("title", title),
            # A style element holds no markup, and nothing a user wrote goes into it.
            Html(f"<style>\n{font_faces(seen + title, language)}\n{css}{_CSS}</style>"),
        )
    )
    page = tag("html", tag("head", head), tag("body", body), lang="zh-CN" if language == "zh" else "en")
    return f"<!DOCTYPE html>\n{page.source}\n"


def _navigation(report: Report, language: Language) -> Html:
    links = (tag("li", tag("a", sheet.title, href=f"#{sheet.id}")) for sheet in report.sheets)
    skip = tag("a", text("To the content").say(language), class_="skip", href="#main")
    return joined((skip, tag("nav", tag("ol", links), aria_label=report.title)))


def _main(report: Report) -> Html:
    banner = tag("p", report.synthetic, class_="banner", role="note") if report.synthetic else ""
    header = tag(
        "header",
        tag("p", report.title, class_="eyebrow"),
        tag("h1", report.plant),
        tag("p", f"{report.at} · {report.period}", class_="soft"),
        banner,
        class_="title",
    )
    sections = (_sheet(sheet, number, report) for number, sheet in enumerate(report.sheets, start=1))
    mark = tag("b", report.synthetic_mark) if report.synthetic_mark else ""
    footer = tag("footer", tag("span", report.version), tag("span", report.at), mark, class_="soft")
    return tag("main", header, sections, footer, id="main")


def _sheet(sheet: Sheet, number: int, report: Report) -> Html:
    # One who prints or shows a single part must still see that it is made up.
    mark = tag("span", report.synthetic_mark, class_="mark") if report.synthetic_mark else ""
    heading = tag("h2", tag("span", str(number), class_="no"), sheet.title, mark)
    return tag("section", heading, [_block(block) for block in sheet.blocks], id=sheet.id)


def _block(block: Block) -> Html:
    draw: Callable[[Any], Html] = _DRAWN[type(block)]
    return draw(block)


def _words(block: Words) -> Html:
    return joined(tag("p", line, class_="soft" if block.small else "") for line in block.lines)


def _facts(block: Facts) -> Html:
    items = (tag("li", tag("b", one.value), one.name, class_=one.key or "plain") for one in block.facts)
    return tag("ul", items, class_="words four")


def _listing(block: Listing) -> Html:
    title: Part = tag("h3", block.title) if block.title else ""
    if not block.rows:
        return joined((title, tag("p", block.empty, class_="panel nothing")))
    numbers = ["number" if n in block.right else "" for n in range(len(block.heads))]
    head = tag("tr", (tag("th", said, scope="col", class_=n) for said, n in zip(block.heads, numbers, strict=True)))
    rows = (
        tag(
            "tr",
            (_cell(cell, name, number) for cell, name, number in zip(row, block.heads, numbers, strict=True)),
        )
        for row in block.rows
    )
    name = block.title or ", ".join(block.heads[:3])
    table = tag("table", tag("thead", head), tag("tbody", rows), class_="stack", aria_label=name)
    return joined((title, tag("div", table, class_="panel scroll", tabindex="0", role="region", aria_label=name)))


def _cell(cell: Cell, name: str, number: str) -> Html:
    said: Part = tag("span", cell.said, class_=f"chip {cell.key}") if cell.key else cell.said
    small = tag("div", cell.small, class_="soft") if cell.small else ""
    return tag("td", said, small, class_=number or ("" if cell.key else "wrap"), data_label=name)


def _picture(block: Picture) -> Html:
    return tag("figure", tag("div", picture(block.svg, block.alt), class_="scroll"),
               class_="narrow" if block.share < 1.0 else "")  # fmt: skip


_DRAWN: dict[type, Callable[[Any], Html]] = {Words: _words, Facts: _facts, Listing: _listing, Picture: _picture}
