"""The pictures of the pages, taken by the same browser that tests them, and the two documents that show them.

python -m tests.docs.page_pictures PLANT --write [NAME ...]     take all, or those of some names, anew

PLANT is the folder of a made-up plant, as `forgecast demo` makes it; it is copied. Every page of the menu has a picture
in both languages, and so have the pages behind them that are named here. What a page shows changes with the day (a duty
falls due), so no picture is compared with another; `tests/docs/test_page_pictures.py` holds that none is missing.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
from PIL import Image
from playwright.sync_api import Browser, Page

from forgecast.app.pages.frame import AREAS
from forgecast.app.pages.mount import declare
from forgecast.app.pages.page import PAGES as DECLARED
from forgecast.app.server.identity import COOKIE
from forgecast.ground.texts import LANGUAGES, Language
from tests.docs.pages import ROOT
from tests.docs.pictures import PICTURES
from tests.pages.browsing import DESK, HEIGHT, PHONE, opened_browser, settled
from tests.pages.plant_server import PlantServer, plant_server

ROLE = "admin"
PART = ROOT / "docs" / "start" / "first_casting" / "boss.stl"
_COLOURS = 128


@dataclass(frozen=True)
class Shown:
    """A page that has a picture.

    Parameters
    ----------
    area : str
        Part of the menu.
    title : mapping of Language to str
    path : str
        Below the plant.
    theme : str
    width : int
    """

    area: str
    title: Mapping[Language, str]
    path: str
    theme: str = "light"
    width: int = DESK


def shown(casting_run: str = "") -> dict[str, Shown]:
    """Return all pages that have a picture, by the name of it, in the order of the menu.

    Parameters
    ----------
    casting_run : str
        Id of a casting run that is done.
    """
    declare()
    found = {}
    for area in AREAS:
        for page in DECLARED:
            if page.area == area and page.in_menu:
                title = {language: page.title.say(language) for language in LANGUAGES}
                found[f"page_{page.path.replace('/', '_').replace('-', '_')}"] = Shown(area, title, page.path)
    deeper = {
        "page_home_dark": Shown("home", _both("Home, dark", "首页（深色）"), "home", theme="dark"),
        "page_home_phone": Shown("home", _both("Home, on a phone", "首页（手机）"), "home", width=PHONE),
        "page_casting_new": Shown("casting", _both("New casting run", "新建铸造计算"), "casting/new"),
        "page_casting_run": Shown("casting", _both("Casting run", "铸造计算结果"), f"casting/run/{casting_run}"),
    }
    return found | deeper


def _both(en: str, zh: str) -> dict[Language, str]:
    return {"en": en, "zh": zh}


def names() -> list[str]:
    """Return the files of all pictures."""
    return [f"{name}.{language}.png" for name in shown() for language in LANGUAGES]


def taken(server: PlantServer, browser: Browser, place: Path, pages: Mapping[str, Shown]) -> Iterator[str]:
    """Take pictures into a folder; yield the name of each."""
    for name, one in pages.items():
        for language in LANGUAGES:
            context = browser.new_context(viewport={"width": one.width, "height": HEIGHT}, reduced_motion="reduce")
            context.set_default_timeout(120_000)
            secret = server.session(ROLE, language=language, theme=one.theme)
            context.add_cookies([{"name": COOKIE, "value": secret, "url": server.address}])
            page = context.new_page()
            page.goto(f"{server.address}/{server.plant}/{one.path}")
            _wait(page)
            # A figure that had to be worked out first is shown as fresh only when the page is opened again.
            page.reload()
            _wait(page)
            picture = f"{name}.{language}.png"
            page.screenshot(path=place / picture, animations="disabled")
            context.close()
            _made_small(place / picture)
            yield picture


def _wait(page: Page) -> None:
    settled(page)
    # A figure that the plant has no records for says so, in place of its progress.
    page.wait_for_function(
        "document.querySelector('.fc-error') || !document.querySelector('#content .fc-job:not(.fc-quiet)')",
        timeout=240_000,
    )
    settled(page)


def _made_small(path: Path) -> None:
    """Keep as many colours as a page has: a quarter of the bytes, and nothing to be seen of it."""
    with Image.open(path) as opened:
        opened.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


def _casting_run(server: PlantServer) -> str:
    """Freeze the part of the first casting as the page does, and return the id of the run once it is done."""
    with httpx.Client(base_url=server.address, timeout=120.0) as client:
        client.cookies.set(COOKIE, server.session(ROLE))
        csrf = {"X-Forgecast-CSRF": client.get("/api/v1/me").json()["csrf"]}
        plant = f"/api/v1/plants/{server.plant}"
        sent = client.post(f"{plant}/uploads", params={"file_name": PART.name}, content=PART.read_bytes(), headers=csrf)
        asked = {
            "part": sent.raise_for_status().json()["id"],
            "unit": "mm",
            "alloy": "WCB",
            "mould": "green-sand",
            "pour_degC": 1580.0,
            "cell_mm": 4.0,
        }
        job = client.post(f"{plant}/casting/freeze", json=asked, headers=csrf).raise_for_status().json()["id"]
        while (state := client.get(f"{plant}/jobs/{job}").json()["state"]) in {"queued", "running"}:
            time.sleep(0.5)
        assert state == "done", client.get(f"{plant}/jobs/{job}").text
    return str(job)


def document(language: Language) -> str:
    """Return the page of the documentation that shows all pictures."""
    lead = _both(
        "What `forgecast serve` shows, on the synthetic plant of `make demo`. The pictures are taken by the browser "
        "that tests the pages; every figure in them is made up.",
        "`forgecast serve` 所展示的页面，取自 `make demo` 的虚构工厂。"
        "图片由测试页面的同一浏览器拍摄，图中数字均为虚构。",
    )
    lines = [f"# {_both('The pages', '页面一览')[language]}", "", lead[language]]
    area = ""
    for name, one in shown().items():
        if one.area != area:
            area = one.area
            lines += ["", f"## {AREAS[area][0].say(language)}"]
        title = one.title[language]
        made_up = _both(f"{title}, on a synthetic plant", f"{title}（虚构工厂）")[language]
        lines += ["", f"### {title}", "", f"![{made_up}](pictures/{name}.{language}.png)"]
    return "\n".join(lines) + "\n"


def documents() -> dict[Path, str]:
    """Return both documents by their file."""
    return {ROOT / "docs" / f"pages{end}.md": document(language) for language, end in (("en", ""), ("zh", ".zh"))}


def main(plant: Path, wanted: list[str]) -> None:
    """Take the pictures and write the documents."""
    with tempfile.TemporaryDirectory() as kept:
        folder, place = Path(kept) / "plant", Path(kept) / "taken"
        shutil.copytree(plant, folder, ignore=shutil.ignore_patterns("server"))
        place.mkdir()
        with plant_server(folder, workers=2) as server, opened_browser() as browser:
            run = _casting_run(server)
            pages = {name: one for name, one in shown(run).items() if not wanted or name in wanted}
            for picture in taken(server, browser, place, pages):
                shutil.copyfile(place / picture, PICTURES / picture)
                sys.stdout.write(f"{picture}\n")
                sys.stdout.flush()
    for path, words in documents().items():
        path.write_text(words, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[3:])
