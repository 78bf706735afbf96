"""The pictures of the pages, taken by the same browser that tests them.

python -m tests.docs.page_pictures PLANT            list the pictures that are stale
python -m tests.docs.page_pictures PLANT --write    take them anew

PLANT is the folder of a made-up plant, as `forgecast demo` makes it; it is copied. Fresh or stale is told by the words
a page shows, without its figures.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser

from forgecast.app.server.identity import COOKIE
from forgecast.ground.texts import LANGUAGES
from tests.docs.pictures import PICTURES
from tests.pages.browsing import DESK, HEIGHT, opened_browser, settled
from tests.pages.plant_server import PlantServer, plant_server

FOLDER = PICTURES / "pages"
SOURCES = FOLDER / "sources.json"


@dataclass(frozen=True)
class Shown:
    """A page that has a picture.

    Parameters
    ----------
    path : str
        Below the plant.
    role : str
    theme : str
    width, height : int
    """

    path: str
    role: str = "engineer"
    theme: str = "light"
    width: int = DESK
    height: int = HEIGHT


#: Every page that is shown in the README and the manual, by the name of its picture.
PAGES: dict[str, Shown] = {
    "home": Shown("home", "manager"),
    "home_dark": Shown("home", "manager", theme="dark"),
    "home_phone": Shown("home", "manager", width=390),
    "casting": Shown("casting"),
    "quality": Shown("quality"),
    "control_chart": Shown("quality/chart"),
    "live": Shown("live"),
    "green": Shown("green", "environment"),
    "rules": Shown("rules", "environment"),
    "standing": Shown("standing", "manager"),
    "data": Shown("data", "manager"),
}


def taken(server: PlantServer, browser: Browser, place: Path) -> Iterator[tuple[str, str]]:
    """Take all pictures into a folder; yield the name of each and the digest of the words it shows."""
    for name, one in PAGES.items():
        for language in LANGUAGES:
            context = browser.new_context(
                viewport={"width": one.width, "height": one.height}, reduced_motion="reduce", device_scale_factor=1
            )
            secret = server.session(one.role, language=language, theme=one.theme)
            context.add_cookies([{"name": COOKIE, "value": secret, "url": server.address}])
            page = context.new_page()
            page.goto(f"{server.address}/{server.plant}/{one.path}")
            settled(page)
            page.wait_for_function("!document.querySelector('.fc-job:not(.fc-quiet)')", timeout=240_000)
            settled(page)
            words = re.sub(r"[\d\s.,:−–-]+", " ", page.locator("main").inner_text())
            page.screenshot(path=place / f"{name}.{language}.png", animations="disabled")
            context.close()
            yield f"{name}.{language}", hashlib.sha256(words.encode()).hexdigest()


def main(plant: Path, *, write: bool) -> int:
    """List stale pictures, or take all anew."""
    stored = json.loads(SOURCES.read_text(encoding="utf-8")) if SOURCES.is_file() else {}
    with tempfile.TemporaryDirectory() as kept:
        folder = Path(kept) / "plant"
        shutil.copytree(plant, folder)
        place = Path(kept) / "taken"
        place.mkdir()
        with plant_server(folder, workers=2) as server, opened_browser() as browser:
            found = dict(taken(server, browser, place))
        stale = sorted(name for name, digest in found.items() if stored.get(name) != digest)
        if write:
            FOLDER.mkdir(parents=True, exist_ok=True)
            for picture in place.iterdir():
                shutil.copyfile(picture, FOLDER / picture.name)
            SOURCES.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")
            return 0
    print("\n".join(stale))
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), write="--write" in sys.argv))
