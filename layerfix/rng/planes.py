"""Two by two: plane rotations and triangular blocks, with the signs that LAPACK before 3.10 gave them."""

from __future__ import annotations

import math


def sign(x: float) -> float:
    """1.0 or -1.0."""
    return math.copysign(1.0, x)


def rotation(f: float, g: float) -> tuple[float, float, float]:
    """(c, s, r) with c f + s g = r (`dlartg` before LAPACK 3.10)."""
    if g == 0.0:
        return 1.0, 0.0, f
    if f == 0.0:
        return 0.0, 1.0, g
    r = math.hypot(f, g)
    sign = -1.0 if abs(f) > abs(g) and f < 0 else 1.0
    return sign * f / r, sign * g / r, sign * r


def smaller_value(f: float, g: float, h: float) -> float:
    """The smaller singular value of [[f, g], [0, h]] (`dlas2`)."""
    low, high, g = min(abs(f), abs(h)), max(abs(f), abs(h)), abs(g)
    if low == 0.0:
        return 0.0
    plus, minus = 1 + low / high, (high - low) / high
    if g < high:
        return 2 * low / (math.sqrt(plus**2 + (g / high) ** 2) + math.sqrt(minus**2 + (g / high) ** 2))
    ratio = high / g
    return 2 * low * ratio / (math.sqrt(1 + (plus * ratio) ** 2) + math.sqrt(1 + (minus * ratio) ** 2))


def triangular(f: float, g: float, h: float) -> tuple[float, float, tuple[float, float], tuple[float, float]]:
    """(smaller, larger, (c, s) right, (c, s) left) of [[f, g], [0, h]], signs as `dlasv2` gives them."""
    swap = abs(h) > abs(f)
    first, last = (h, f) if swap else (f, h)
    fa, ha, ga = abs(first), abs(last), abs(g)
    largest = "g" if ga > fa else ("h" if swap else "f")
    if ga == 0.0:
        smaller, larger, cl, cr, sl, sr = ha, fa, 1.0, 1.0, 0.0, 0.0
    else:
        d = fa - ha
        slope, m = d / fa, g / first
        t = 2 - slope
        s, r = math.sqrt(t * t + m * m), math.sqrt(slope * slope + m * m)
        a = (s + r) / 2
        smaller, larger = ha / a, fa * a
        t = (m / (s + t) + m / (r + slope)) * (1 + a)
        length = math.sqrt(t * t + 4)
        cr, sr = 2 / length, t / length
        cl, sl = (cr + sr * m) / a, (last / first) * sr / a
    csl, snl, csr, snr = (sr, cr, sl, cl) if swap else (cl, sl, cr, sr)

    turn = {"f": sign(csr) * sign(csl) * sign(f), "g": sign(snr) * sign(csl) * sign(g), "h": sign(snr) * sign(snl) * sign(h)}[largest]
    return math.copysign(smaller, turn * sign(f) * sign(h)), math.copysign(larger, turn), (csr, snr), (csl, snl)
