"""Histograms, heat maps and scatter plots as inline SVG and PNG."""

from __future__ import annotations

import base64
import math
import struct
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup

from layerfix.report.drawing.svg import drawing, tag

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layerfix.report.evidence import Scores, Trained

Scale = Callable[[float], float]
"""From a value to a pixel."""
CELLS = 96
"""Rows and columns that a heat map has at most."""
_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP = 760.0, 230.0, 44.0, 34.0, 22.0


def scores(found: Scores) -> Markup:
    """All candidates as bars on a logarithmic scale, the winner as a mark far out."""
    edges = [float(edge) for edge in found.edges]
    low = min(edges[0], found.winner)
    high = max(edges[-1], found.winner, found.threshold or -math.inf)
    high += 0.06 * (high - low or 1.0)
    top = max(1.0, math.log10(max([*found.counts, 1]) * 1.5))

    def across(value: float) -> float:
        return _LEFT + (value - low) / (high - low or 1.0) * (_WIDTH - _LEFT - 12)

    def up(count: float) -> float:
        return (_HEIGHT - _BOTTOM - _TOP) * math.log10(count + 1) / top

    base = _HEIGHT - _BOTTOM
    bars = [
        tag("rect", x=across(a), y=base - up(n), width=max(across(b) - across(a) - 0.5, 0.8), height=up(n), class_="bar")
        for a, b, n in zip(edges, edges[1:], found.counts, strict=False)
        if n
    ]
    marks = [*_threshold(found, across, base), *_winner(found, across(found.winner), base)]
    title = (
        f"Scores of {sum(int(n) for n in found.counts):,} candidates for {found.title}; the winner has {found.unit} = {found.winner:.1f}"
    )
    return drawing(
        _WIDTH, _HEIGHT, title, *_decades(top, base, up), *bars, *_axis(low, high, across, base, found.unit), *marks, class_="chart wide"
    )


def histogram(values: NDArray[np.generic], title: str) -> Markup:
    """The distribution of a weight's values."""
    flat = _finite(values)
    if not flat.size:
        return Markup("")
    counts, edges = np.histogram(flat, bins=min(48, max(8, int(math.sqrt(flat.size)))))
    width, height, base = 260.0, 130.0, 104.0
    top = int(counts.max()) or 1
    low, high = float(edges[0]), float(edges[-1])
    scale = (width - 16) / (high - low or 1.0)
    bars = [
        tag(
            "rect",
            x=8 + (float(a) - low) * scale,
            y=base - 92 * int(n) / top,
            width=max((float(b) - float(a)) * scale - 0.6, 0.6),
            height=92 * int(n) / top,
            class_="bar",
        )
        for a, b, n in zip(edges, edges[1:], counts, strict=False)
    ]
    labels = [
        tag("text", f"{low:.3g}", x=8.0, y=base + 16, class_="tick"),
        tag("text", f"{high:.3g}", x=width - 8, y=base + 16, text_anchor="end", class_="tick"),
    ]
    line = tag("line", x1=8.0, x2=width - 8, y1=base, y2=base, class_="axis")
    return drawing(width, height, f"Histogram of {title}", *bars, line, *labels, class_="chart small")


def heat_map(values: NDArray[np.generic], title: str) -> Markup:
    """A weight as rows (all axes but the last) by columns (the last axis), blue below zero, red above, in an inline PNG."""
    grid = _grid(values)
    if grid is None:
        return Markup("")
    rows, columns = grid.shape
    scale = max(1, min(round(260 / columns), round(200 / rows), 16))
    data = base64.b64encode(_png(_colors(grid))).decode("ascii")
    return Markup('<img class="heat" alt="Heat map of {}" width="{}" height="{}" src="data:image/png;base64,{}">').format(
        title, columns * scale, rows * scale, data
    )


def cut(values: NDArray[np.generic]) -> bool:
    """Whether a heat map shows only a part of the values."""
    array = np.asarray(values)
    columns = array.shape[-1] if array.ndim else 1
    return bool(columns > CELLS or array.size > CELLS * max(columns, 1))


def trained(kernel: Trained) -> Markup:
    """Each stored value over its own initial value: a cloud along the diagonal is a kernel that remembers where it started."""
    pairs = [(float(a), float(b)) for a, b in zip(kernel.initial, kernel.final, strict=False) if math.isfinite(a) and math.isfinite(b)][
        :400
    ]
    if not pairs:
        return Markup("")
    reach = max(max(abs(a), abs(b)) for a, b in pairs) or 1.0
    side = 170.0

    def spot(value: float) -> float:
        return side / 2 + value / reach * (side / 2 - 8)

    dots = [tag("circle", cx=spot(a), cy=side - spot(b), r=1.6, class_="dot") for a, b in pairs]
    cross = [
        tag("line", x1=4.0, x2=side - 4, y1=side / 2, y2=side / 2, class_="axis"),
        tag("line", x1=side / 2, x2=side / 2, y1=4.0, y2=side - 4, class_="axis"),
        tag("line", x1=8.0, x2=side - 8, y1=side - 8, y2=8.0, class_="diagonal"),
    ]
    return drawing(
        side, side, f"{kernel.title}: stored value over initial value, cosine {kernel.cosine:.2f}", *cross, *dots, class_="chart scatter"
    )


def _axis(low: float, high: float, across: Scale, base: float, unit: str) -> list[Markup]:
    step = _step((high - low) / 6)
    ticks = [step * i for i in range(math.ceil(low / step), math.floor(high / step) + 1)]
    line = tag("line", x1=_LEFT, x2=_WIDTH - 8, y1=base, y2=base, class_="axis")
    labels = [tag("text", f"{tick:g}", x=across(tick), y=base + 15, text_anchor="middle", class_="tick") for tick in ticks]
    return [line, *labels, tag("text", f"score {unit}", x=_WIDTH - 8, y=base + 30, text_anchor="end", class_="tick")]


def _decades(top: float, base: float, up: Scale) -> list[Markup]:
    parts = []
    for power in range(0, math.floor(top) + 1, 2 if top > 4 else 1):
        y = base - up(10.0**power)
        label = "1" if power == 0 else f"{10**power:,}" if power < 4 else f"10^{power}"
        parts += [
            tag("line", x1=_LEFT, x2=_WIDTH - 8, y1=y, y2=y, class_="grid"),
            tag("text", label, x=_LEFT - 6, y=y + 4, text_anchor="end", class_="tick"),
        ]
    return parts


def _threshold(found: Scores, across: Scale, base: float) -> list[Markup]:
    if found.threshold is None:
        return []
    x = across(found.threshold)
    return [
        tag("line", x1=x, x2=x, y1=_TOP - 8, y2=base, class_="threshold"),
        tag("text", "needed for “exact”", x=x - 5, y=_TOP, text_anchor="end", class_="tick"),
    ]


def _winner(found: Scores, x: float, base: float) -> list[Markup]:
    label = tag(
        "text", f"winner {found.unit} = {found.winner:.1f}", x=min(x, _WIDTH - 10), y=base - 52, text_anchor="end", class_="winner-label"
    )
    return [
        tag("line", x1=x, x2=x, y1=base - 44, y2=base, class_="winner-line"),
        tag("circle", cx=x, cy=base - 44, r=5.0, class_="winner"),
        label,
    ]


def _step(rough: float) -> float:
    """A round distance between ticks: 1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(rough)) if rough > 0 else 1.0
    return next(power * nice for nice in (1, 2, 5, 10) if power * nice >= rough)


def _finite(values: NDArray[np.generic]) -> NDArray[np.float64]:
    flat = np.asarray(values, dtype=np.float64).ravel()
    kept: NDArray[np.float64] = flat[np.isfinite(flat)]
    return kept


def _grid(values: NDArray[np.generic]) -> NDArray[np.float64] | None:
    array = np.asarray(values, dtype=np.float64)
    if not array.size:
        return None
    columns = array.shape[-1] if array.ndim > 1 else min(array.size, 32)
    flat = array.ravel()[: array.size - array.size % columns]
    return flat.reshape(-1, columns)[:CELLS, :CELLS]


def _colors(grid: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Blue (-1) over near-white (0) to red (+1), scaled to the largest magnitude; grey where a value is not finite."""
    finite = np.isfinite(grid)
    reach = float(np.abs(grid[finite]).max()) if finite.any() else 1.0
    share = np.where(finite, grid, 0.0)[..., None] / (reach or 1.0)
    middle, low, high = (np.array(c, float) for c in ((247, 247, 247), (33, 102, 172), (178, 24, 43)))
    mixed = middle + np.abs(share) * (np.where(share < 0, low, high) - middle)
    mixed[~finite] = 128.0
    pixels: NDArray[np.uint8] = mixed.round().astype(np.uint8)
    return pixels


def _png(pixels: NDArray[np.uint8]) -> bytes:
    """An 8-bit RGB PNG of pixels with shape (rows, columns, 3)."""
    rows, columns, _ = pixels.shape
    raw = b"".join(b"\0" + pixels[row].tobytes() for row in range(rows))
    chunks = ((b"IHDR", struct.pack(">IIBBBBB", columns, rows, 8, 2, 0, 0, 0)), (b"IDAT", zlib.compress(raw, 9)), (b"IEND", b""))
    body = b"".join(struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks)
    return b"\x89PNG\r\n\x1a\n" + body
