# ruff: noqa: E501  (sentences in two languages side by side)
"""All parts of the pages side by side, on a server of their own; only tests look at them.

python -m tests.pages.gallery PORT
"""

from __future__ import annotations

import json
import math
import sys
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from fastapi import FastAPI
from nicegui import ui
from pydantic import Field, TypeAdapter
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import JSONResponse, Response

from forgecast.app.casting.mesh_buffer import Mark, MeshBody, Quantity, Volume, mesh_bytes
from forgecast.app.pages import parts
from forgecast.app.pages.frame import dress
from forgecast.app.pages.look.served import add_look
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Language, bilingual, text

DAY_MS = 86_400_000
START_MS = 1_767_196_800_000  # 2026-01-01 00:00 in Shanghai


@dataclass(frozen=True)
class Reader:
    """Somebody who reads in one language."""

    language: Language


def words(en: str, zh: str) -> dict[str, str]:
    return {"en": en, "zh": zh}


def series() -> dict[str, object]:
    """Return 20,000 points of a temperature, with a gap, limits and marks."""
    n = 20_000
    times = [START_MS + 60_000 * i for i in range(n)]
    values = [
        None
        if 9_000 <= i < 9_400
        else 1420 + 18 * math.sin(i / 900) + 6 * math.sin(i * 1.7) + (30 if i % 1511 == 7 else 0)
        for i in range(n)
    ]
    return {
        "times": times,
        "series": [{"name": words("Pouring temperature", "浇注温度"), "unit": "°C", "values": values}],
        "limits": [
            {"name": words("Upper limit", "上限"), "value": 1455, "kind": "upper"},
            {"name": words("Lower limit", "下限"), "value": 1390, "kind": "lower"},
        ],
        "marks": [
            {"at": times[1518], "value": values[1518], "name": words("Above the limit", "超过上限"),
             "note": words("Check the pyrometer.", "检查测温仪。")},
            {"at": times[12_000], "name": words("New lining", "更换炉衬")},
        ],
    }  # fmt: skip


CHARTS: dict[str, dict[str, object]] = {
    "pareto": {
        "x": [words(*pair) for pair in (("Gas porosity", "气孔"), ("Shrinkage", "缩孔缩松"), ("Sand inclusion", "砂眼"),
                                        ("Cold shut", "冷隔"), ("Crack", "裂纹"))],
        "series": [
            {"name": words("Pieces", "件数"), "unit": "", "values": [82, 41, 20, 9, 3], "kind": "bar"},
            {"name": words("Cumulative share", "累计占比"), "unit": "%", "values": [52.9, 79.4, 92.3, 98.1, 100], "kind": "line"},
        ],
    },
    "stacked": {
        "x": ["2026-01", "2026-02", "2026-03", "2026-04"],
        "series": [
            {"name": words("Melting", "熔炼"), "unit": "t CO₂e", "values": [410, 380, 395, 402], "kind": "bar", "stack": "a"},
            {"name": words("Sand", "造型"), "unit": "t CO₂e", "values": [60, 66, 70, 58], "kind": "bar", "stack": "a"},
            {"name": words("Bought metal", "外购金属"), "unit": "t CO₂e", "values": [220, 210, 235, 228], "kind": "bar", "stack": "a"},
        ],
    },
    "cooling": {
        "x": [0, 20, 40, 60, 80, 100, 120, 140, 160], "x_name": words("Time", "时间"), "x_unit": "s",
        "series": [
            {"name": words("Measured", "实测"), "unit": "°C", "values": [1350, 1290, 1235, 1190, 1155, 1149, 1150, 1146, 1090]},
            {"name": words("Rate", "冷却速率"), "unit": "°C/s", "values": [-3.1, -2.9, -2.4, -1.9, -0.8, -0.1, 0.05, -1.1, -2.9]},
        ],
    },
    "heatmap": {
        "x": [f"{h:02d}" for h in range(24)], "y": [words(*pair) for pair in (("Mon", "周一"), ("Tue", "周二"), ("Wed", "周三"))],
        "cells": [[h, d, round(20 + 15 * math.sin(h / 4) + 4 * d, 1)] for h in range(24) for d in range(3)],
        "name": words("Dust", "颗粒物"), "unit": "mg/m³",
    },
    "gantt": {
        "tasks": [
            {"name": words("Bag filter on stack 3", "3号排气筒布袋除尘"), "start_at": "2026-01-10T00:00:00Z", "end_at": "2026-04-01T00:00:00Z", "share": 0.4},
            {"name": words("Heat recovery on the furnace", "熔炼炉余热回收"), "start_at": "2026-03-01T00:00:00Z", "end_at": "2026-09-15T00:00:00Z"},
            {"name": words("Sand reclamation", "旧砂再生"), "start_at": "2026-06-01T00:00:00Z", "end_at": "2027-01-20T00:00:00Z", "tone": "warn"},
        ],
        "today_at": "2026-03-20T00:00:00Z",
    },
    "waterfall": {
        "unit": "t CO₂e",
        "steps": [
            {"name": words("Now", "现状"), "value": 1200, "total": True}, {"name": words("Heat recovery", "余热回收"), "value": -240},
            {"name": words("More output", "产量增长"), "value": 130}, {"name": words("Green power", "绿电"), "value": -310},
            {"name": words("Then", "目标"), "value": 780, "total": True},
        ],
    },
    "radar": {
        "axes": [{"name": words(*pair), "most": 5} for pair in (("Energy", "能源"), ("Emissions", "排放"), ("Quality", "质量"),
                                                                ("Digital", "数字化"), ("People", "人员"))],
        "series": [{"name": words("Now", "现状"), "values": [2, 3, 3.5, 1.5, 4]}, {"name": words("Goal", "目标"), "values": [4, 4, 4.5, 3, 4]}],
    },
}  # fmt: skip


def rows() -> list[dict[str, object]]:
    """Return 5,000 rows."""
    verdicts = ["met", "not met", "partly", "not known", "not applicable"]
    return [
        {
            "id": f"P-{i:05d}",
            "alloy": ["EN-GJL-250", "AlSi7Mg0.3", "42CrMo4"][i % 3],
            "mass_kg": None if i % 97 == 0 else round(12 + (i * 37 % 1000) / 13, 2),
            "poured_at": f"2026-01-{1 + i % 28:02d}T{i % 24:02d}:30:00Z",
            "word": verdicts[i % 5],
            "what": words(f"Casting {i}", f"铸件 {i}"),
        }
        for i in range(5_000)
    ]


def body(rings: int = 320, sides: int = 160) -> bytes:
    """Return a ring of 102,400 triangles with its inside, two steps of time, and a riser."""
    u, v = np.meshgrid(
        np.linspace(0, 2 * np.pi, rings, endpoint=False),
        np.linspace(0, 2 * np.pi, sides, endpoint=False),
        indexing="ij",
    )
    thick = 0.05 + 0.014 * np.sin(4 * u)
    at = np.stack(
        ((0.15 + thick * np.cos(v)) * np.cos(u), (0.15 + thick * np.cos(v)) * np.sin(u), thick * np.sin(v)), -1
    )
    i, j = np.meshgrid(np.arange(rings), np.arange(sides), indexing="ij")
    a, b = i * sides + j, (i + 1) % rings * sides + j
    c, d = (i + 1) % rings * sides + (j + 1) % sides, i * sides + (j + 1) % sides
    faces = np.concatenate((np.stack((a, b, c), -1).reshape(-1, 3), np.stack((a, c, d), -1).reshape(-1, 3)))
    vertices = at.reshape(-1, 3)
    after = 300 + 280 * np.sin(4 * u).ravel() + 20 * np.cos(v).ravel()
    steps = [1400 - t * (0.4 + 0.002 * (600 - after)) for t in (0.0, 100.0, 200.0, 400.0)]
    n = 72
    axis = [np.linspace(-0.22, 0.22, n), np.linspace(-0.22, 0.22, n), np.linspace(-0.07, 0.07, n // 3)]
    z, y, x = np.meshgrid(axis[2], axis[1], axis[0], indexing="ij")
    angle = np.arctan2(y, x)
    inside = np.hypot(np.hypot(x, y) - 0.15, z) <= 0.05 + 0.014 * np.sin(4 * angle)
    share = np.clip((300 + 280 * np.sin(4 * angle)) / 620, 0, 1)
    volume = Volume((n, n, n // 3), (-0.22, -0.22, -0.07), (0.22, 0.22, 0.07),
                    {"solid_after": np.where(inside, 1 + 254 * share, 0).astype(np.uint8)})  # fmt: skip
    box = np.array([[x0, y0, z0] for x0 in (0.11, 0.19) for y0 in (-0.04, 0.04) for z0 in (0.05, 0.15)])
    sides_of_box = np.array(
        [
            [0, 1, 3],
            [0, 3, 2],
            [4, 6, 7],
            [4, 7, 5],
            [0, 4, 5],
            [0, 5, 1],
            [2, 3, 7],
            [2, 7, 6],
            [0, 2, 6],
            [0, 6, 4],
            [1, 5, 7],
            [1, 7, 3],
        ]
    )
    return mesh_bytes(
        [
            MeshBody("casting", "casting", bilingual("casting", "铸件"), vertices, faces, {"solid_after": after, "temperature": steps}),
            MeshBody("riser-1", "riser", bilingual("riser", "冒口"), box, sides_of_box),
        ],
        [
            Quantity("solid_after", bilingual("solid after", "凝固时间"), "s", 0.0, 620.0, "time"),
            Quantity("temperature", bilingual("temperature", "温度"), "degC", 900.0, 1400.0, "heat", (0.0, 100.0, 200.0, 400.0)),
        ],
        volume,
        [Mark(1, (0.2, 0.0, 0.0), bilingual("hot spot", "热节"))],
    )  # fmt: skip


TREE = {
    "kind": "clause", "what": words("GB 39726-2020, 4.1", "GB 39726-2020 第4.1条"), "value": "", "place": "gb39726:4.1",
    "children": [
        {"kind": "limit", "what": words("dust, melting", "颗粒物，熔炼"), "value": "30 mg/m³", "place": "", "children": []},
        {"kind": "figure", "what": words("worst hour", "最差小时"), "value": "41.2 mg/m³", "place": "stack-3", "children": [
            {"kind": "row", "what": words("hour of 12 March 09:00", "3月12日 09:00"), "value": "41.2", "place": "cems.csv:1203", "children": []},
            {"kind": "missing", "what": words("calibration record", "校准记录"), "value": "", "place": "", "children": []},
        ]},
    ],
}  # fmt: skip
VERDICT = {"word": "not met", "title": words("Dust of the melting shop stays below 30 mg/m³", "熔炼车间颗粒物不超过30 mg/m³"),
           "clause": words("GB 39726-2020, 4.1", "GB 39726-2020 第4.1条"), "reasons": [words("3 of 720 hours lie above.", "720小时中有3小时超标。")],
           "missing": [words("the calibration of the analyser", "分析仪的校准记录")]}  # fmt: skip
FINDING = {"code": "decimal-slip", "severity": "doubtful", "place": {"file": "heats.xlsx!2026", "row": 12, "last_row": 14, "column": "C %"},
           "value": "34.1", "reason": words("ten times its neighbours", "是相邻值的十倍"), "repair": words("check the decimal point", "检查小数点"), "count": 3}  # fmt: skip


def small(reader: Reader) -> None:
    parts.heading(reader, bilingual("Parts", "页面部件"), lead=bilingual("What the pages are made of.", "页面由这些部件组成。"),
                  aside=parts.chip(reader, bilingual("made up", "虚构"), "warn"))  # fmt: skip
    keys = [
        parts.KeyFigure(bilingual("Scrap", "废品率"), 3.214, "%", trend=-0.35, better="down", why="/gallery/en/light/small#why"),
        parts.KeyFigure(bilingual("Energy of melting", "熔炼电耗"), 612.4, "kWh/t", note=bilingual("goal 580", "目标 580"), tone="warn"),
        parts.KeyFigure(bilingual("Hours above a limit", "超标小时"), 3, tone="bad"),
        parts.KeyFigure(bilingual("Carbon of a tonne", "每吨碳排放"), None, "t CO2e", note=bilingual("no gas meter", "无燃气表"), tone="unknown"),
        parts.KeyFigure(bilingual("Heats today", "今日炉次"), 14, tone="good"),
    ]  # fmt: skip
    parts.key_figures(reader, keys)
    parts.tabs(reader, {"a": bilingual("Verdicts", "判定"), "b": bilingual("Findings", "问题")}, "a")
    with parts.columns(2):
        with parts.card(
            reader, bilingual("The five words", "五种结论"), note=bilingual("the same everywhere", "处处一致")
        ):
            all_words = ["met", "partly", "not met", "not known", "not applicable"]
            parts.put(parts.joined(*(parts.joined(parts.badge(reader, w), " ") for w in all_words)))
            tones = ["good", "warn", "bad", "unknown", "plain"]
            parts.put(parts.joined(*(parts.joined(parts.chip(reader, tone, tone), " ") for tone in tones)))
            parts.verdict_head(reader, VERDICT)
            parts.verdict_tree(reader, TREE)
        with parts.card(reader, bilingual("States", "状态"), tone="bad"):
            parts.empty(reader, bilingual("No heats yet.", "还没有炉次。"), do=bilingual("Take in a file of heats.", "请导入炉次文件。"),
                        links=[parts.link(reader, bilingual("Take in a file", "导入文件"), "/gallery/en/light/small")])  # fmt: skip
            parts.error_box(reader, ForgecastError(text("the value {x} is no number", x="<b>4,1</b>"), where="heats.csv:7:C %", repair=text("write a number")))  # fmt: skip
            parts.notice(reader, bilingual("Newer figures are being worked out.", "正在计算新的数值。"))
            parts.waiting(reader, height=70)
    with parts.card(reader, bilingual("Findings", "问题"), flush=True):
        parts.findings_table(reader, [FINDING, {**FINDING, "severity": "refused"}, {**FINDING, "severity": "note"}])
    with parts.card(reader, bilingual("Facts", "信息")):
        parts.facts(reader, [(bilingual("Alloy", "合金"), "EN-GJL-250"), (bilingual("Poured", "浇注时间"), parts.moment("2026-01-05T04:30:00Z", "Asia/Shanghai")),
                             (bilingual("Mass", "质量"), parts.number(12.3456, "kg")), (bilingual("Note", "备注"), None)])  # fmt: skip


def fields(reader: Reader) -> None:
    parts.heading(reader, bilingual("Fields", "表单"))
    with parts.card(reader, bilingual("New run", "新建计算")):
        with parts.filter_bar():
            parts.text_field(reader, bilingual("Name", "名称"), placeholder=bilingual("as in bracket 4", "例如：支架4"))
            parts.number_field(
                reader,
                bilingual("Pouring temperature", "浇注温度"),
                unit="°C",
                value=1420,
                hint=bilingual("of the ladle", "浇包内"),
            )
            parts.choice_field(reader, bilingual("Alloy", "合金"), {"a": "EN-GJL-250", "b": "AlSi7Mg0.3"}, value="a")
            parts.day_field(reader, bilingual("From", "起始日期"), value="2026-01-05")
            parts.switch_field(reader, bilingual("With riser", "带冒口"), value=True)
        said = ui.label("").props("id=said")

        async def ask() -> None:
            sure = await parts.confirm(
                reader, bilingual("Delete the run?", "删除该计算？"), yes=bilingual("Delete", "删除"), grave=True
            )
            said.text = "deleted" if sure else "kept"

        with parts.row():
            parts.button(
                reader,
                bilingual("Start", "开始"),
                lambda: parts.toast(reader, bilingual("Started", "已开始")),
                kind="main",
            )
            parts.button(reader, bilingual("Save", "保存"))
            parts.button(reader, bilingual("Delete", "删除"), ask, kind="grave")
            parts.button(reader, bilingual("Cancel", "取消"), kind="quiet")


def charts(reader: Reader) -> None:
    parts.heading(reader, bilingual("Charts", "图表"))
    with parts.card(reader, bilingual("Pouring temperature", "浇注温度")):
        parts.chart(reader, "/data/series", title=bilingual("Pouring temperature", "浇注温度"), zone="Asia/Shanghai")
    with parts.columns(2):
        for name, content in CHARTS.items():
            with parts.card(reader, name):
                parts.chart(reader, content, title=name, height=280)
        with parts.card(reader, "nothing"):
            parts.chart(reader, {"x": [], "series": []}, title="nothing", height=120)
        with parts.card(reader, "refused"):
            parts.chart(reader, "/data/refused", title="refused", height=120)


def lists(reader: Reader) -> None:
    parts.heading(reader, bilingual("Lists", "列表"))
    columns = [
        parts.Column("id", bilingual("Piece", "件号"), link="/data/piece/{id}", width=120),
        parts.Column("what", bilingual("Name", "名称")),
        parts.Column("alloy", bilingual("Alloy", "合金")),
        parts.Column("mass_kg", bilingual("Mass", "质量"), kind="number", unit="kg"),
        parts.Column("poured_at", bilingual("Poured", "浇注时间"), kind="moment"),
        parts.Column("word", bilingual("Verdict", "判定"), kind="word"),
    ]
    with parts.card(reader, bilingual("Pieces", "铸件"), flush=True):
        parts.grid(reader, "/data/rows", columns, title=bilingual("Pieces", "铸件"), zone="Asia/Shanghai")


def mesh(reader: Reader) -> None:
    parts.heading(reader, bilingual("Body", "三维"))
    with parts.card(reader, bilingual("Ring", "环件")):
        parts.mesh_view(reader, "/data/mesh", title=bilingual("Ring", "环件"))


def late(reader: Reader) -> None:
    """Place parts whose data a test holds back, and what takes them away meanwhile; and what fails."""
    parts.tell_failures(reader)
    parts.heading(reader, bilingual("Late", "迟到"))
    with parts.card(reader, bilingual("Parts", "部件")) as held:
        parts.chart(reader, "/data/late/series", title=bilingual("Pouring temperature", "浇注温度"))
        parts.grid(
            reader,
            "/data/late/rows",
            [parts.Column("id", bilingual("Piece", "件号"))],
            title=bilingual("Pieces", "铸件"),
        )
        parts.mesh_view(reader, "/data/late/mesh", title=bilingual("Ring", "环件"))

    def refused() -> None:
        raise ForgecastError(text("the value {x} is no number", x="4,1"), where="", repair=text("write a number"))

    def misfitting() -> None:
        TypeAdapter(Annotated[int, Field(gt=0)]).validate_python(-3)

    def failing() -> None:
        msg = "a secret of the server"
        raise RuntimeError(msg)

    with parts.row():
        parts.button(reader, bilingual("Take away", "移除"), held.clear)
        parts.button(reader, bilingual("Refuse", "拒绝"), refused)
        parts.button(reader, bilingual("Misfit", "不合"), misfitting)
        parts.button(reader, bilingual("Fail", "失败"), failing)


PAGES = {"small": small, "fields": fields, "charts": charts, "lists": lists, "mesh": mesh, "late": late}


def application() -> FastAPI:
    """Return the application of the gallery."""
    app = FastAPI()
    add_look(app)
    held = {"series": json.dumps(series()), "mesh": body(), "rows": rows()}

    @app.get("/data/series")
    def a_series() -> Response:
        return Response(held["series"], media_type="application/json")

    @app.get("/data/late/{name}")
    def may_come_late(name: str) -> Response:
        if name == "rows":
            return JSONResponse({"rows": held["rows"][:10], "next": None})
        return Response(held[name], media_type="application/json" if name == "series" else "application/octet-stream")

    @app.get("/data/mesh")
    def a_mesh() -> Response:
        return Response(held["mesh"], media_type="application/octet-stream")

    @app.get("/data/refused")
    def refused() -> Response:
        error = ForgecastError(text("the value {x} is no number", x="4,1"), where="", repair=text("write a number"))
        return JSONResponse(error.as_json(), status_code=422)

    @app.get("/data/rows")
    def some_rows(limit: int = 100, after: int = 0) -> Response:
        last = min(after + limit, len(held["rows"]))
        return JSONResponse({"rows": held["rows"][after:last], "next": str(last) if last < len(held["rows"]) else None})

    @app.get("/data/piece/{name}")
    def piece(name: str) -> Response:
        return Response(f"<!doctype html><title>{name}</title>", media_type="text/html")

    @ui.page("/gallery/{language}/{theme}/{name}")
    def shown(language: Language, theme: str, name: str) -> None:
        dress(language, theme, name)
        with ui.element("div").classes("fc-main"), ui.element("main").classes("fc-content"):
            PAGES[name](Reader(language))

    ui.run_with(app, show_welcome_message=False, tailwind=False)
    app.add_middleware(GZipMiddleware, minimum_size=1_000, compresslevel=5)
    return app


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(application(), port=int(sys.argv[1]), log_level="warning")
