"""A body in three dimensions: turned, cut, coloured by a value, stepped through time, in the browser."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nicegui.element import Element

from forgecast.app.pages.parts.component import SCENE
from forgecast.app.pages.parts.words import Reader, Words, said
from forgecast.ground.texts import Text, text

_WORDS: dict[str, Text] = {
    "working": text("being worked out …"),
    "failed": text("The body could not be fetched."),
    "noGl": text("This browser cannot draw in three dimensions; see the pictures instead."),
    "quantity": text("Colour"),
    "plainColour": text("none"),
    "cut": text("Cut"),
    "none": text("whole"),
    "place": text("Place of the cut"),
    "otherSide": text("Other side"),
    "marks": text("Numbers of hot spots"),
    "step": text("Time step"),
    "play": text("Play"),
    "pause": text("Pause"),
    "picture": text("Save picture (PNG)"),
    "front": text("front"),
    "top": text("top"),
    "side": text("side"),
    "slant": text("slanted"),
    "keys": text("Arrow keys turn, + and − zoom, Home shows all."),
    "triangles": text("{n} triangles, drawn by {renderer}", n="{n}", renderer="{renderer}"),
    "software": text("The picture is computed without a graphics card; turning may be slow."),
    "summary": text("{name}, {size}, made of {bodies}", name="{name}", size="{size}", bodies="{bodies}"),
    "range": text("{name} from {least} to {most} {unit}", name="{name}", least="{least}", most="{most}",
                  unit="{unit}"),
}  # fmt: skip


class MeshView(Element, component="mesh_view.js", esm=SCENE):
    """A body; made by `mesh_view`."""

    def __init__(self, props: Mapping[str, Any]) -> None:
        super().__init__()
        self._props.update(props)

    def show(self, address: str) -> None:
        """Show another body."""
        self._props["source"] = address

    def fly_to(self, place_m: Sequence[float], distance_m: float = 0.0) -> None:
        """Look at a place from where the eye stands.

        Parameters
        ----------
        place_m : (float, float, float)
        distance_m : float
            From so far away [m], within what shows the body.
        """
        self.run_method("flyTo", list(place_m), distance_m)


def mesh_view(
    reader: Reader,
    address: str,
    *,
    title: Words,
    fine: str = "",
    inside: str = "",
    group: str = "",
    height: int = 480,
    step: int = -1,
) -> MeshView:
    """Return a view of a body.

    Parameters
    ----------
    reader : Reader
    address : str
        Of bytes in the form of `forgecast.app.casting.mesh_buffer` (a run's file: `Visit.file_address`); drawn first,
        and while the body is turned.
    title : Words
        What it shows; read out, and the name of the picture that is saved.
    fine : str
        Address of the same bodies with more triangles, fetched afterwards; empty for none.
    inside : str
        Address of the inside (its ``volume``), fetched when the first cut is made; empty for none.
    group : str
        Views of one name on a page share camera, cut and colour; empty for none.
    height : int
        In pixels.
    step : int
        Time step shown at first; -1 is the last one.
    """
    return MeshView(
        {
            "source": address,
            "fine": fine,
            "inside": inside,
            "group": group,
            "title": said(reader, title),
            "language": reader.language,
            "height": height,
            "step": step,
            "words": {key: words.say(reader.language) for key, words in _WORDS.items()},
        }
    )
