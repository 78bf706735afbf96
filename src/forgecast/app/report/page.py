"""The report as one HTML file: no script, nothing fetched, readable on a phone and on paper."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from importlib import resources

from forgecast.app.report.card import VerdictCard, WhyNode
from forgecast.app.report.chart import curve_alt, curve_svg
from forgecast.app.report.content import AbsentRow, BookTable, Report, content_of
from forgecast.app.report.figure import FigureRow, spark_svg
from forgecast.app.report.markup import Html, Part, joined, picture, tag, void
from forgecast.app.report.numbers import pretty_text
from forgecast.app.report.quality import QualityGroup
from forgecast.app.report.settle import RecordGroup
from forgecast.app.report.webfont import font_faces
from forgecast.ground.texts import Language, text
from forgecast.tasks.assessment import Assessment

_SECTIONS = ("quality", "not_met", "partly", "not_known", "figures", "verdicts", "sources", "guide")
#: How many places of one kind of defect stand open; the others are one click away.
_PLACES = 6


def html_of(assessment: Assessment, language: Language) -> str:
    """Return the report as one HTML file.

    Raises
    ------
    ForgecastError
        If a typeface is not installed.
    """
    report = content_of(assessment, language)
    body = joined((_navigation(report), _main(report)))
    title = f"{report.plant} · {report.labels['assessment']} · {report.judged_iso}"
    css = (resources.files("forgecast.app.report") / "report.css").read_text(encoding="utf-8")
    head = joined(
        (
            void("meta", charset="utf-8"),
            void("meta", name="viewport", content="width=device-width, initial-scale=1"),
            void("meta", name="generator", content=report.labels["version"]),
            void("meta", name="color-scheme", content="light"),
            tag("title", title),
            # A style element holds no markup, and nothing a user wrote goes into it.
            Html(f"<style>\n{font_faces(_shown(body.source) + title, language)}\n{css}</style>"),
        )
    )
    lang = "zh-CN" if language == "zh" else "en"
    page = tag("html", tag("head", head), tag("body", body), lang=lang)
    return f"<!DOCTYPE html>\n{page.source}\n"


def _shown(source: str) -> str:
    """Return HTML without its pictures, whose letters would only swell the typefaces."""
    return re.sub(r'src="data:[^"]*"', "", html.unescape(source))


def _navigation(report: Report) -> Html:
    links = (tag("li", tag("a", report.labels[f"nav_{name}"], href=f"#{name}")) for name in _SECTIONS)
    skip = tag("a", report.labels["skip"], class_="skip", href="#main")
    return joined((skip, tag("nav", tag("ol", links), aria_label=report.labels["assessment"])))


def _main(report: Report) -> Html:
    labels = report.labels
    parts = {
        "quality": _quality(report),
        "not_met": _cards(report.not_met, report, labels["none_not_met"]),
        "partly": _cards(report.partly, report, labels["none_partly"]),
        "not_known": _records(report),
        "figures": _figures(report),
        "verdicts": _or_nothing([_book(book, report) for book in report.books], labels["no_verdicts"]),
        "sources": _sources(report),
        "guide": _guide(report),
    }
    sections = (
        tag("section", tag("h2", tag("span", str(place), class_="no"), labels[name]), parts[name], id=name)
        for place, name in enumerate(_SECTIONS, start=1)
    )
    return tag("main", _title(report), sections, _footer(report), id="main")


def _title(report: Report) -> Html:
    labels = report.labels
    facts = (
        (labels["period"], report.period),
        (labels["judged"], report.judged),
        (labels["plant_id"], report.plant_id),
        (labels["zone"], report.zone),
    )
    banner = tag("p", labels["synthetic"], class_="banner", role="note") if report.synthetic else ""
    words = tag(
        "ul",
        (
            tag("li", tag("b", str(count.number)), f"{count.sign} {count.word}", class_=count.key)
            for count in report.counts
        ),
        class_="words",
    )
    bar = tag(
        "div",
        (tag("i", class_=c.key, style=f"flex:{c.number}") for c in report.counts if c.number),
        class_="bar",
        aria_hidden="true",
    )
    return tag(
        "header",
        tag("p", labels["assessment"], class_="eyebrow"),
        tag("h1", report.plant),
        tag("dl", (tag("div", tag("dt", name), tag("dd", value)) for name, value in facts), class_="facts"),
        banner,
        tag("div", (tag("p", sentence) for sentence in report.summary), class_="summary"),
        words,
        bar,
        class_="title",
    )


def _footer(report: Report) -> Html:
    synthetic = tag("b", report.labels["synthetic_short"]) if report.synthetic else ""
    parts = (report.labels["version"], f"{report.labels['judged']} {report.judged_iso}")
    return tag("footer", (tag("span", part) for part in parts), synthetic, class_="soft")


# --- tables ----------------------------------------------------------------------------------------------------------


def _table(heads: Sequence[tuple[str, str]], rows: Part, name: str) -> Html:
    """Return a table in a frame that scrolls sideways by itself; heads are (label, class)."""
    head = tag("thead", tag("tr", (tag("th", label, scope="col", class_=class_) for label, class_ in heads)))
    table = tag("table", head, tag("tbody", rows), class_="stack", aria_label=name)
    return tag("div", table, class_="panel scroll", tabindex="0", role="region", aria_label=name)


def _or_nothing(parts: Sequence[Part], sentence: str) -> Html:
    return joined(parts) if parts else tag("p", sentence, class_="panel nothing")


def _chip(key: str, word: str) -> Html:
    return tag("span", word, class_=f"chip {key}")


def _quality(report: Report) -> Html:
    labels = report.labels
    if not report.quality:
        return _or_nothing((), labels["no_findings"])
    heads = ((labels["count"], ""), (f"{labels['what']} · {labels['repair']}", ""), (labels["where"], ""))
    return _table(heads, (_quality_row(group, report) for group in report.quality), labels["quality"])


def _quality_row(group: QualityGroup, report: Report) -> Html:
    def line(index: int) -> Html:
        place = group.places[index]
        value = tag("span", f" “{place.value}”", class_="soft") if place.value else ""
        times = tag("span", f" ×{place.count}", class_="soft") if len(group.places) > 1 else ""
        reason = tag("div", place.reason, class_="soft") if place.reason else ""
        return tag("li", place.place, value, times, reason)

    lines = [line(index) for index in range(len(group.places))]
    more: Part = ""
    if len(lines) > _PLACES:
        left = text("… and more places: {left}", left=len(lines) - _PLACES).say(report.language)
        more = tag("details", tag("summary", left), tag("ul", lines[_PLACES:], class_="places"))
    return tag(
        "tr",
        tag("td", tag("span", group.count, class_="big"), _chip(group.severity_key, group.severity)),
        tag(
            "th",
            tag("b", group.what),
            (tag("div", f"→ {r}", class_="soft") for r in group.repairs),
            scope="row",
            class_="wrap",
        ),
        tag("td", tag("ul", lines[:_PLACES], class_="places"), more, class_="wrap"),
    )


# --- verdicts --------------------------------------------------------------------------------------------------------


def _cards(cards: Sequence[VerdictCard], report: Report, none: str) -> Html:
    return _or_nothing([_card(card, report) for card in cards], none)


def _card(card: VerdictCard, report: Report) -> Html:
    labels = report.labels
    force = "" if card.force_key == "duty" else _chip("note", card.force)
    origin = " · ".join(part for part in (card.book_title, card.clause, card.layer) if part)
    fine = " · ".join(part for part in (card.basis, card.coverage, card.caution) if part)
    numbers = (
        ("worst", labels["worst_value"], card.value),
        ("", labels["limit"], card.limit),
        ("", labels["hours_over"], card.hours_over),
        ("", labels["worst_hour"], card.worst_hour),
    )
    deciding = [
        tag("div", tag("dt", name), tag("dd", value), class_=class_)
        for class_, name, value in numbers
        if value not in ("", "—")
    ]
    return tag(
        "article",
        tag(
            "header",
            tag("h3", card.title),
            tag("div", _chip(card.key, f"{card.sign} {card.word}"), force, class_="chips"),
        ),
        tag("p", card.subject),
        tag("p", origin, class_="soft"),
        tag("dl", deciding, class_="deciding") if deciding else "",
        tag("p", fine, class_="soft") if fine else "",
        tag("ul", (tag("li", reason) for reason in card.reasons)) if card.reasons else "",
        (tag("p", tag("b", f"{labels['missing']}: "), missing) for missing in card.missing),
        _figure(card.curve, report) if card.curve >= 0 else "",
        _stretches(card, report),
        tag("p", card.id, class_="id"),
        _why(card, report),
        class_=f"card panel {card.key}",
    )


def _figure(index: int, report: Report) -> Html:
    curve, upper = report.curves[index], report.upper(index)
    svg = curve_svg(curve, report.language, report.zone, upper=upper)
    return tag(
        "figure",
        tag("figcaption", pretty_text(curve.title.say(report.language))),
        tag("div", picture(svg, curve_alt(curve, report.language, upper=upper)), class_="scroll"),
    )


def _stretches(card: VerdictCard, report: Report) -> Html:
    if not card.stretches:
        return Html("")
    labels = report.labels
    heads = ((labels["from"], ""), (labels["to"], ""), (labels["hours"], "number"), (labels["worst"], "number"))
    rows = (
        tag("tr", tag("th", s.start, scope="row"), tag("td", s.end), tag("td", s.hours, class_="number"),
            tag("td", s.worst, class_="number"))
        for s in card.stretches
    )  # fmt: skip
    table = tag(
        "table",
        tag("thead", tag("tr", (tag("th", name, scope="col", class_=class_) for name, class_ in heads))),
        tag("tbody", rows),
        aria_label=labels["worst"],
    )
    note = tag("p", card.more_stretches, class_="soft") if card.more_stretches else ""
    return joined((tag("div", table, class_="scroll"), note))


def _why(card: VerdictCard, report: Report) -> Html:
    tree = tag("ul", _node(card.why), class_="tree")
    return tag("details", tag("summary", report.labels["why"]), tree)


def _node(node: WhyNode) -> Html:
    below = tag("ul", (_node(child) for child in node.children)) if node.children else ""
    return tag(
        "li",
        tag("span", node.kind_text, class_="kind"),
        node.what,
        tag("b", f" {node.value}") if node.value else "",
        tag("span", f" {node.place}", class_="place") if node.place else "",
        below,
        class_="missing" if node.kind == "missing" else "",
    )


def _records(report: Report) -> Html:
    return _or_nothing([_record(group, report) for group in report.not_known], report.labels["none_not_known"])


def _record(group: RecordGroup, report: Report) -> Html:
    items = (
        tag(
            "li",
            tag(
                "div",
                card.title,
                " ",
                _chip(card.key, f"{card.sign} {card.word}") if card.key != "not-known" else "",
                tag("div", card.id, class_="id"),
            ),
            tag("div", card.subject),
            tag("div", " · ".join(part for part in (card.clause, card.book_title) if part), class_="soft"),
        )
        for card in group.cards
    )
    del report
    return tag(
        "article",
        tag("h3", group.record or group.reason),
        tag("p", group.tally, class_="soft", style="margin:.1rem 0 0"),
        tag("ul", items),
        class_="record panel",
    )


def _book(book: BookTable, report: Report) -> Html:
    labels = report.labels
    heads = (
        (labels["word"], ""),
        (labels["requirement"], ""),
        (labels["subject"], ""),
        (labels["value"], "number"),
        (labels["limit"], "number"),
    )

    def row(card: VerdictCard, class_: str) -> Html:
        force = "" if card.force_key == "duty" else tag("span", f" ({card.force})", class_="soft")
        return tag(
            "tr",
            tag("td", _chip(card.key, f"{card.sign} {card.word}")),
            tag(
                "th",
                card.title,
                force,
                tag("div", card.id, class_="id"),
                _why(card, report),
                scope="row",
                class_="wrap",
            ),
            tag("td", card.subject, class_="wrap"),
            tag("td", card.value, class_="number", data_label=labels["value"]),
            tag("td", card.limit, class_="number", data_label=labels["limit"]),
            class_=class_,
        )

    rows = (
        *(row(card, "") for card in book.open),
        *(row(card, "compact") for card in book.settled),
        *(_absent_row(absent, report) for absent in book.absent),
    )
    title = tag("h3", book.title, " ", tag("span", book.version, class_="soft"))
    return joined((title, _table(heads, rows, book.title)))


def _absent_row(absent: AbsentRow, report: Report) -> Html:
    ways = (
        tag("li", tag("span", card.id, class_="id"), tag("ul", _node(card.why)), class_="not-applicable")
        for card in absent.cards
    )
    why = tag("details", tag("summary", report.labels["why"]), tag("ul", ways, class_="tree"))
    return tag(
        "tr",
        tag("td", _chip(absent.key, f"{absent.sign} {absent.word}")),
        tag("th", absent.title, why, scope="row", class_="wrap"),
        tag("td", absent.subjects, class_="wrap soft", colspan="3"),
        class_="compact",
    )


# --- figures and sources ---------------------------------------------------------------------------------------------


def _figures(report: Report) -> Html:
    labels = report.labels
    if not report.figures:
        return _or_nothing((), labels["no_figures"])
    heads = ((labels["figure"], ""), (labels["trend"], ""), (labels["value"], "number"), (labels["change"], "number"))
    rows = []
    for group in report.figures:
        rows.append(tag("tr", tag("th", group.title, scope="rowgroup", colspan="4"), class_="group"))
        rows += [_figure_row(row) for row in group.rows]
    table = _table(heads, rows, labels["figures"])
    if not report.free_curves:
        return table
    return joined(
        (
            table,
            tag("h3", labels["curves"]),
            (tag("div", _figure(index, report), class_="panel card note") for index in report.free_curves),
        )
    )


def _figure_row(row: FigureRow) -> Html:
    months = tag("div", tag("span", row.first_month), tag("span", row.last_month), class_="months")
    trend = joined((picture(spark_svg(row.trend), row.alt, "spark"), months)) if row.trend else ""
    missing = tag("div", row.why_missing, class_="lacking") if row.why_missing else ""
    return tag(
        "tr",
        tag("th", tag("b", row.title), missing, tag("div", row.basis, class_="soft"), scope="row", class_="wrap"),
        tag("td", trend),
        tag("td", tag("span", row.value, class_="big"), class_="number"),
        tag("td", f"{row.arrow} {row.change}".strip(), class_="number"),
    )


def _sources(report: Report) -> Html:
    labels = report.labels
    citations = [
        tag(
            "tr",
            tag("th", c.what, scope="row", class_="wrap"),
            tag("td", c.edition),
            tag("td", c.source, class_="wrap"),
            tag("td", _chip("partly", c.confidence) if c.confidence_key == "unverified" else c.confidence),
        )
        for c in report.citations
    ]
    files = [
        tag(
            "tr",
            tag("th", f.name, scope="row", class_="wrap"),
            tag("td", tag("span", f.sha256[:12], title=f.sha256), data_label=labels["sha256"]),
            tag("td", f.imported_at),
            tag("td", f.rows, class_="number", data_label=labels["rows"]),
            tag("td", f.fed),
        )
        for f in report.files
    ]
    names = ((labels["what"], ""), (labels["edition"], ""), (labels["source"], ""), (labels["confidence"], ""))
    heads = ((labels["file"], ""), (labels["sha256"], ""), (labels["imported"], ""), (labels["rows"], "number"),
             (labels["fed"], ""))  # fmt: skip
    return joined(
        (
            tag("h3", labels["citations"]),
            _table(names, citations, labels["citations"]) if citations else _or_nothing((), labels["no_citations"]),
            tag("h3", labels["files"]),
            _table(heads, files, labels["files"]) if files else _or_nothing((), labels["no_files"]),
        )
    )


def _guide(report: Report) -> Html:
    labels = report.labels
    words = ((tag("dt", _chip(c.key, f"{c.sign} {c.word}")), tag("dd", c.meaning)) for c in report.counts)
    keys = ("refused", "doubtful", "note")
    weights = (
        (tag("dt", _chip(key, name)), tag("dd", meaning))
        for key, (name, meaning) in zip(keys, report.weights, strict=True)
    )
    return joined(
        (
            tag("h3", labels["words"]),
            tag("dl", words, class_="guide"),
            tag("h3", labels["weights"]),
            tag("dl", weights, class_="guide"),
            tag("h3", labels["sureness"]),
            tag("p", " · ".join(report.sureness)),
            tag("h3", labels["principles"]),
            tag("ul", (tag("li", principle) for principle in report.principles)),
        )
    )
