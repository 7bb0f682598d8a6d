"""QR codes of addresses, for a page and for a terminal."""

from __future__ import annotations

from io import BytesIO
from typing import Final

import segno

_QUIET: Final = 4
"""Modules of white on each side, as ISO/IEC 18004 asks for."""
_HALVES: Final = {(0, 0): " ", (1, 0): "▀", (0, 1): "▄", (1, 1): "█"}


def svg(address: str, label: str) -> str:
    """A QR code as inline SVG, black on white whatever the theme; `label` is what a screen reader says."""
    drawn = BytesIO()
    segno.make(address, error="m", micro=False).save(
        drawn,
        kind="svg",
        scale=5,
        border=_QUIET,
        dark="#000",
        light="#fff",
        xmldecl=False,
        svgns=True,
        title=label,
        nl=False,
        omitsize=False,
    )
    return drawn.getvalue().decode().replace("<svg ", '<svg role="img" ', 1)


def rows(address: str) -> list[str]:
    """A QR code as lines of half blocks, two modules high; print them black on white."""
    matrix = [list(row) for row in segno.make(address, error="l", micro=False).matrix_iter(border=_QUIET)]
    if len(matrix) % 2:
        matrix.append([0] * len(matrix[0]))
    return [
        "".join(_HALVES[(int(upper), int(lower))] for upper, lower in zip(*matrix[at : at + 2], strict=True))
        for at in range(0, len(matrix), 2)
    ]
