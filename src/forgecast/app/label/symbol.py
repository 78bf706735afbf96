"""Symbols a scanner reads: the modules of a QR code or a DataMatrix."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.plant.identifier import element_string

SymbolKind = Literal["qr", "datamatrix"]


@dataclass(frozen=True, slots=True, eq=False)
class Symbol:
    """A matrix of dark and light modules.

    Parameters
    ----------
    kind : "qr" or "datamatrix"
    dark : (rows, columns) bool array
        Without quiet zone.
    quiet : int
        Width of the quiet zone around it, in modules.
    content : str
        What a scanner gives back.
    gs1 : bool
        Whether it begins with FNC1, so that a scanner reports GS1 element strings.
    """

    kind: SymbolKind
    dark: NDArray[np.bool_]
    quiet: int
    content: str
    gs1: bool = False

    def svg(self) -> str:
        """Return the symbol with its quiet zone as SVG; one unit is one module."""
        rows, columns = self.dark.shape
        width, height = columns + 2 * self.quiet, rows + 2 * self.quiet
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" shape-rendering="crispEdges">'
            f'<rect width="{width}" height="{height}" fill="#fff"/><path fill="#000" d="{self._path()}"/></svg>'
        )

    def _path(self) -> str:
        """Return the dark modules, neighbours in a row joined: seams between them would be seen by a scanner."""
        made = []
        for row, line in enumerate(self.dark):
            padded = np.concatenate(([False], line, [False]))
            starts, ends = (np.flatnonzero(padded[1:] != padded[:-1])[i::2] for i in (0, 1))
            made += [
                f"M{start + self.quiet} {row + self.quiet}h{end - start}v1h-{end - start}z"
                for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
            ]
        return "".join(made)


def qr_code(content: str) -> Symbol:
    """Return a QR code of a text, with error correction M (about 15 % of it may be lost) or better.

    Parameters
    ----------
    content : str
        A Digital Link URI, say.

    Raises
    ------
    ForgecastError
        If the text is too long for any.

    Notes
    -----
    ISO/IEC 18004; the quiet zone is the one its writer gives by default, four modules.
    """
    import segno  # noqa: PLC0415  (only a label needs it)

    try:
        made = segno.make(content, error="m", micro=False)
    except segno.DataOverflowError:
        raise _too_long(content) from None
    return Symbol(
        "qr", np.array([[bool(cell) for cell in row] for row in made.matrix]), made.default_border_size, content
    )


def data_matrix(content: str | Iterable[tuple[str, str]]) -> Symbol:
    """Return a DataMatrix of a text, or a GS1 DataMatrix of element strings.

    Parameters
    ----------
    content : str or iterable of (str, str)
        Any text; or application identifiers with their values, which makes a GS1 DataMatrix (FNC1 in front).

    Raises
    ------
    ForgecastError
        If it is too long for any, or no GS1 element string.

    Notes
    -----
    ISO/IEC 16022 (ECC 200), square; the quiet zone is two modules, twice what its writer gives by default.
    """
    import zxingcpp  # noqa: PLC0415

    gs1 = not isinstance(content, str)
    said = content if isinstance(content, str) else element_string(content)
    # Square brackets mark the application identifiers for the writer, since a value may hold round ones.
    written = said if isinstance(content, str) else "".join(f"[{ai}]{value}" for ai, value in content)
    try:
        made = zxingcpp.create_barcode(written, zxingcpp.BarcodeFormat.DataMatrix, gs1=gs1, force_square=True)
    except ValueError:
        raise _too_long(said) from None
    pixels = np.array(made.to_image(scale=1, add_quiet_zones=False))
    return Symbol("datamatrix", pixels < 128, 2, said, gs1)


def _too_long(content: str) -> ForgecastError:
    return ForgecastError(
        text("{content} does not fit into a symbol", content=content if len(content) <= 80 else f"{content[:79]}…"),
        repair=text("give the piece a shorter number or mark"),
    )
