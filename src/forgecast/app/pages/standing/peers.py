"""Peers and clusters: where the plant stands among others, and many plants added up; no single one is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from forgecast.app.doors.shelf import door_of
from forgecast.app.doors.standing.forms import OthersAsked
from forgecast.app.pages.address_form import AddressForm, asked_in
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import (
    Heading,
    KeyFigure,
    asked,
    button,
    card,
    chart,
    columns,
    empty,
    error_box,
    facts,
    heading,
    key_figures,
    link,
    notice,
    number_field,
    paragraph,
    put,
    row,
    said,
    switch_field,
    table,
    tabs,
    tag,
    upload_field,
)
from forgecast.app.pages.visit import Visit
from forgecast.app.report.words import WORD_ORDER
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text
from forgecast.rules.verdict import WORD_TEXTS
from forgecast.tasks.assess_cluster import note_of_generated
from forgecast.tasks.compare_peers import GROUPS

_TABS = {"peers": text("Among peers"), "cluster": text("A whole cluster")}
_SHARES = ("p10", "p25", "p50", "p75", "p90")
#: Peers that are generated where somebody only wants to see how it looks.
_TRIAL = 60


@page("standing", "standing/peers", text("Peers and cluster"), in_menu=True)
async def peers(visit: Visit) -> None:
    """Fill the page; whom to compare with stands in its address."""
    heading(
        visit,
        text("Peers and cluster"),
        lead=text("Percentiles and ranks among at least five plants of a kind. No single plant is told."),
    )
    chosen = tabs(visit, _TABS, visit.query.get("tab", ""), address=visit.link("standing/peers"))
    _form(visit, chosen)
    try:
        question = asked_in(visit, OthersAsked)
    except ForgecastError as error:
        error_box(visit, error)
        return
    if not question.assessments and question.generated is None:
        empty(
            visit,
            text("Nobody to compare with yet."),
            do=text("Send the assessments of other plants, or look at it with generated ones."),
            links=[
                link(visit, text("Try it with generated plants"),
                     visit.link("standing/peers", tab=chosen, generated=str(_TRIAL), all_groups="true"))
            ],
        )  # fmt: skip
        return
    door = door_of(f"standing/{chosen}")
    show: Callable[[Any], None] = (
        (lambda told: _peers(visit, told)) if chosen == "peers" else (lambda told: _cluster(visit, told))
    )
    await asked(visit, door, question, show, what=text("The plants are being judged"), height=500)


def _form(visit: Visit, chosen: str) -> None:
    form = AddressForm(visit, "standing/peers", {"tab": chosen})
    uploads = [one for one in visit.query.get("assessments", "").split(",") if one]

    def kept(upload_id: str, _name: str) -> None:
        uploads.append(upload_id)
        form.put("assessments", ",".join(uploads))
        count.content = str(tag("p", said(visit, text("assessments here: {count}", count=len(uploads)))))

    with card(visit, text("Compare with"), note=text("assessments of other plants, as `forgecast assess PLANT --json` "
                                                      "writes them")):  # fmt: skip
        upload_field(visit, text("Assessment of a plant"), accept=".json", kept=kept,
                     hint=text("at least five; send one after the other"))  # fmt: skip
        count = put(tag("p", said(visit, text("assessments here: {count}", count=len(uploads)))))
        with row():
            form.field("generated", number_field(visit, text("or generated plants"), least=5, most=2000, step=1,
                                                 hint=text("synthetic, for a trial")))  # fmt: skip
            if chosen == "peers":
                form.field("all_groups", switch_field(visit, text("plants of every kind")))
            button(visit, text("Compare"), form.send, kind="main")
    if uploads:
        form.put("assessments", ",".join(uploads))


def _peers(visit: Visit, told: Mapping[str, Any]) -> None:
    if told["synthetic_peers"]:
        notice(visit, text("The peers are generated and synthetic."), tone="warn")
    known, sure, count = told["rank_known"], told["rank_sure"], told["peers"] + 1
    key_figures(
        visit,
        [
            KeyFigure(text("peers below"), _share(told["below"]), note=text("by the index over what is known")),
            KeyFigure(text("rank"), f"{known[0]} – {known[1]}",
                      note=text("of {count}, under other weights, a gap counted half", count=count)),
            KeyFigure(text("rank, whatever the gaps"), f"{sure[0]} – {sure[1]}", note=text("of {count}", count=count)),
            KeyFigure(text("surely above this plant"), str(told["surely_above"])),
            KeyFigure(text("surely below this plant"), str(told["surely_below"])),
        ],
    )  # fmt: skip
    titles = told["direction_titles"]
    ordered = [(name, share) for name, share in told["directions"].items() if share is not None]
    with columns(2):
        with card(visit, text("Peers below, by direction")):
            bars = {
                "x": [titles[name] for name, _ in ordered],
                "series": [{"name": text("peers below").as_json(), "unit": "%",
                            "values": [100 * share for _, share in ordered], "kind": "bar"}],
            }  # fmt: skip
            chart(
                visit, bars, title=text("Peers below, by direction"), height=300, kind="bar", from_zero=True, zoom=False
            )
        with card(visit, text("Energy frontier and benchmark")):
            _frontier(visit, told)
    with card(visit, text("Quartiles of the peers' index"), flush=True):
        table(
            visit,
            [Heading(text("Group")), Heading(text("plants"), numeric=True),
             Heading(text("lower quarter"), numeric=True),
             Heading(text("middle"), numeric=True), Heading(text("upper quarter"), numeric=True)],
            [
                (
                    GROUPS[cell["group"]].say(visit.language),
                    cell["plants"] if cell["quartiles"] else said(visit, text("withheld, too few")),
                    *([f"{value:.0f}" for value in cell["quartiles"]] or ["—", "—", "—"]),
                )
                for cell in told["quartiles"]
            ],
            caption=text("Quartiles of the peers' index"),
        )  # fmt: skip


def _frontier(visit: Visit, told: Mapping[str, Any]) -> None:
    frontier, rule = told["frontier"], told["benchmark"]
    word = {True: text("kept"), False: text("not kept"), None: text("not known")}[rule["selected"]]
    facts(
        visit,
        [
            (text("energy could shrink to, variable returns"), _share(frontier["variable_returns"])),
            (text("energy could shrink to, constant returns"), _share(frontier["constant_returns"])),
            (text("energy of what the product mix leads to expect"), _share(frontier["energy_to_mix"])),
            (text("rule of benchmark enterprises"), said(visit, word)),
        ],
        wide=True,
    )
    if frontier["why_missing"]:
        paragraph(visit, frontier["why_missing"], soft=True)
    for title, entries in ((text("Fails"), rule["failed"]), (text("Not known"), rule["open"])):
        if entries:
            put(tag("p", said(visit, title), class_="fc-lacking"))
            put(tag("ul", *(tag("li", said(visit, one)) for one in entries), class_="fc-list"))


def _share(share: float | None) -> str | None:
    return None if share is None else f"{100 * share:.0f} %"


def _cluster(visit: Visit, told: Mapping[str, Any]) -> None:
    if told["synthetic"]:
        notice(visit, note_of_generated(), tone="warn")
    interval = told["mean_interval"]
    key_figures(
        visit,
        [
            KeyFigure(text("plants"), f"{told['plants']:,}"),
            KeyFigure(text("verdicts"), f"{told['evaluations']:,}"),
            KeyFigure(text("mean index, least to most"), f"{interval[0]:.0f} – {interval[1]:.0f}"),
            KeyFigure(text("known"), f"{100 * told['mean_coverage']:.0f} %"),
        ],
    )
    with card(visit, text("Index over what is known, by class of product"), flush=True):
        table(
            visit,
            [Heading(text("Class")), Heading(text("plants"), numeric=True),
             *(Heading(f"{share[1:]} %", numeric=True) for share in _SHARES)],
            [
                (said(visit, told["class_titles"][name]), one["plants"],
                 *(None if one[share] is None else f"{one[share]:.0f}" for share in _SHARES))
                for name, one in told["index"].items()
            ],
            caption=text("Index over what is known, by class of product"),
        )  # fmt: skip
    if told["suppressed_classes"]:
        hidden = text("{hidden} classes are withheld: of fewer than {least} plants nothing is shown, nor of one that "
                      "would tell them.", hidden=told["suppressed_classes"], least=told["least_peers"])  # fmt: skip
        paragraph(visit, hidden, soft=True)
    _goals(visit, told)
    with card(visit, text("Verdicts by rulebook"), flush=True):
        table(
            visit,
            [Heading(text("Rulebook")), *(Heading(WORD_TEXTS[word], numeric=True) for word in WORD_ORDER)],
            [
                (said(visit, told["book_titles"].get(book, book)), *(counts.get(str(word), 0) for word in WORD_ORDER))
                for book, counts in told["verdicts"].items()
            ],
            caption=text("Verdicts by rulebook"),
        )


def _goals(visit: Visit, told: Mapping[str, Any]) -> None:
    rows = []
    for name, goal in told["goals"].items():
        words, short = goal["plants"], goal["mean_shortfall_by_output"]
        causes = ", ".join(
            f"{said(visit, told['class_titles'][kind])} {100 * part:.0f} %"
            for kind, part in sorted(goal["attributed"].items(), key=lambda one: -one[1])
        )
        counts = [words.get(word, 0) for word in ("met", "partly", "not met", "not known")]
        rows.append(
            (
                said(visit, told["goal_titles"].get(name, name)),
                *counts,
                None if short is None else f"{short:.1f}",
                causes,
            )
        )
    words4: list[Text] = [text("met"), text("partly"), text("not met"), text("not known")]
    with card(visit, text("Policy goals: plants, and which class causes the shortfall (by output)"), flush=True):
        table(
            visit,
            [Heading(text("Goal")), *(Heading(word, numeric=True) for word in words4),
             Heading(text("mean shortfall [% points]"), numeric=True), Heading(text("caused by"))],
            rows,
            caption=text("Policy goals: plants, and which class causes the shortfall (by output)"),
        )  # fmt: skip
