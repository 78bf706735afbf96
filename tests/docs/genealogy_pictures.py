"""The picture of the page on tracing: where the made-up heat of `examples/where_a_heat_went.py` went.

python -m tests.docs.genealogy_pictures            list the pictures that are stale
python -m tests.docs.genealogy_pictures --write    draw them anew

The picture is text (SVG) without a date in it, so it is fresh if and only if it is what the program writes.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from examples import where_a_heat_went
from forgecast.app.genealogy.picture import trace_svg
from forgecast.ground.dates import CHINA
from forgecast.ground.texts import LANGUAGES
from tests.docs.pictures import PICTURES


def drawn() -> dict[str, str]:
    """Return the pictures by name, as the program draws them now."""
    with tempfile.TemporaryDirectory() as place:
        traced, _ = where_a_heat_went.run(Path(place) / "plant")
    return {f"genealogy.{language}.svg": trace_svg(traced, language, CHINA) for language in LANGUAGES}


def stale() -> list[str]:
    """Return the pictures that are not what the program draws now."""
    return [
        name
        for name, content in drawn().items()
        if not (PICTURES / name).is_file() or (PICTURES / name).read_text(encoding="utf-8") != content
    ]


def main(arguments: list[str]) -> int:
    """List or draw the pictures."""
    if "--write" in arguments:
        for name, content in drawn().items():
            (PICTURES / name).write_text(content, encoding="utf-8", newline="\n")
        return 0
    found = stale()
    sys.stdout.writelines(f"{name} is stale\n" for name in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
