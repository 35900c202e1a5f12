"""The signs of singular vectors as the LAPACK of legacy Keras' days gave them.

A singular value decomposition fixes each pair of singular vectors only up to a common sign. LAPACK 3.10 (2021; numpy wheels from about
1.22 on) changed it: its plane rotations (`dlartg`) take c >= 0, earlier ones let c be negative unless |f| > |g|. So the decomposition is
followed here as `dgesdd` did it then: QR or LQ where the matrix is long, Householder bidiagonalisation, implicit QR sweeps (`dbdsqr`). Only
signs are taken from it; values come from numpy. Above order 25 `dbdsdc` divides and conquers, and signs no longer depend on the rotations
except where a value is deflated: numpy 1.18 and 2.5 agreed in all 360 matrices of order 26 to 64 that we compared, and differed in one
vector of every few matrices of order 75 and more.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from layerfix.rng.planes import rotation, sign, smaller_value, triangular

LARGEST = 25
"""Order up to which `dbdsdc` does not divide and conquer."""
LARGEST_AGREEING = 64
"""Order up to which old and new LAPACK were seen to agree where `dbdsdc` divides."""
_EPSILON = 2.0**-53
_TOLERANCE = max(10.0, min(100.0, _EPSILON ** (-1 / 8))) * _EPSILON

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]


def follows(rows: int, columns: int) -> bool:
    """Whether the decomposition of a matrix of that size is followed here."""
    return min(rows, columns) <= LARGEST and not slightly_wide(rows, columns)


def slightly_wide(rows: int, columns: int) -> bool:
    """Whether `dgesdd` makes a lower bidiagonal matrix of it, a path that nobody's kernels take and that is not followed."""
    return rows < columns < int(rows * 11 / 6)


def singular_vectors(a: Matrix) -> tuple[Matrix, Matrix] | None:
    """u (rows, k) and v (k, columns) of `a`, with the signs of old LAPACK; None where they are not known (see `follows`).

    Args:
        a: float64 matrix.
    """
    rows, columns = a.shape
    if not follows(rows, columns):
        return None
    if rows < columns:
        q, r = np.linalg.qr(a.T)
        left, right = _square(np.ascontiguousarray(r.T))
        return left, right @ q.T
    if rows >= int(columns * 11 / 6) and rows > columns:
        q, r = np.linalg.qr(a)
        left, right = _square(r)
        return q @ left, right
    return _square(a)


def _square(a: Matrix) -> tuple[Matrix, Matrix]:
    """Rows at least columns: bidiagonalise, then sweep."""
    d, e, left, right = _bidiagonal(a.copy())
    sweeps = _Sweeps(d, e)
    sweeps.run()
    return left @ sweeps.u, sweeps.vt @ right


def _bidiagonal(a: Matrix) -> tuple[Vector, Vector, Matrix, Matrix]:
    """a = left @ upper bidiagonal (d, e) @ right (`dgebrd`)."""
    rows, columns = a.shape
    left, right = np.eye(rows), np.eye(columns)
    for i in range(columns):
        v, beta = _reflector(a[i:, i])
        a[i:] -= beta * np.outer(v, v @ a[i:])
        left[:, i:] -= beta * np.outer(left[:, i:] @ v, v)
        if i < columns - 1:
            v, beta = _reflector(a[i, i + 1 :])
            a[:, i + 1 :] -= beta * np.outer(a[:, i + 1 :] @ v, v)
            right[i + 1 :] -= beta * np.outer(v, v @ right[i + 1 :])
    return np.diagonal(a).copy(), np.diagonal(a, 1)[: columns - 1].copy(), left[:, :columns], right


def _reflector(x: Vector) -> tuple[Vector, float]:
    """Householder vector and factor that turn x into (-sign(x0) |x|, 0, ...) (`dlarfg`); the identity where nothing is to be done."""
    tail = float(np.linalg.norm(x[1:]))
    if tail == 0.0:
        return np.zeros_like(x), 0.0
    v = x.copy()
    v[0] += math.copysign(math.hypot(float(x[0]), tail), x[0])
    return v, 2.0 / float(v @ v)


class _Sweeps:
    """Implicit QR on an upper bidiagonal matrix (`dbdsqr`); indices from 0, ends included."""

    def __init__(self, d: Vector, e: Vector) -> None:
        self.d, self.e, self.n = d, e, len(d)
        self.u, self.vt = np.eye(self.n), np.eye(self.n)
        self.downward = True
        self.last = (-1, -1)
        mu = smallest = abs(d[0])
        for i in range(1, self.n):
            mu = abs(d[i]) * (mu / (mu + abs(e[i - 1])))
            smallest = min(smallest, mu)
        self.threshold = max(_TOLERANCE * smallest / math.sqrt(self.n), 6 * self.n * self.n * np.finfo(float).tiny)

    def run(self) -> None:
        """Sweep until diagonal, make the values positive and sort them."""
        end = self.n - 1
        for _ in range(6 * self.n * self.n + 10):
            if end <= 0:
                break
            end = self._reduce(end)
        negative = self.d < 0
        self.vt[negative] *= -1
        order = np.argsort(-np.abs(self.d), kind="stable")
        self.u, self.vt = self.u[:, order], self.vt[order]

    def _reduce(self, end: int) -> int:
        """One step on the last unreduced block; returns the new end."""
        start = end
        while start > 0 and abs(self.e[start - 1]) > self.threshold:
            start -= 1
        if start > 0:
            self.e[start - 1] = 0.0
        if start == end:
            return end - 1
        if start == end - 1:
            self._two_by_two(start)
            return end - 2
        if start > self.last[1] or end < self.last[0] or self.last == (-1, -1):
            self.downward = bool(abs(self.d[start]) >= abs(self.d[end]))
        least = self._converged(start, end)
        if least is None:
            return end
        self.last = (start, end)
        shift = self._shift(start, end, least)
        if self.downward:
            self._down(start, end, shift)
        else:
            self._up(start, end, shift)
        return end

    def _converged(self, start: int, end: int) -> float | None:
        """None where an off-diagonal element was negligible (and is zero now), else a lower bound of the block's values."""
        d, e = np.abs(self.d), np.abs(self.e)
        edge, beside = (end - 1, end) if self.downward else (start, start)
        if e[edge] <= _TOLERANCE * d[beside]:
            self.e[edge] = 0.0
            return None
        mu = least = d[start] if self.downward else d[end]
        for i in range(start, end) if self.downward else range(end - 1, start - 1, -1):
            if e[i] <= _TOLERANCE * mu:
                self.e[i] = 0.0
                return None
            mu = d[i + 1 if self.downward else i] * (mu / (mu + e[i]))
            least = min(least, mu)
        return float(least)

    def _shift(self, start: int, end: int, least: float) -> float:
        d, e = np.abs(self.d[start : end + 1]), np.abs(self.e[start:end])
        largest = max(float(d.max()), float(e.max()))
        if self.n * _TOLERANCE * (least / largest) <= max(_EPSILON, 0.01 * _TOLERANCE):
            return 0.0
        corner = (end - 1, end - 1, end) if self.downward else (start, start, start + 1)
        shift = smaller_value(self.d[corner[0]], self.e[corner[1]], self.d[corner[2]])
        far = abs(self.d[start if self.downward else end])
        return 0.0 if far > 0 and (shift / far) ** 2 < _EPSILON else shift

    def _down(self, start: int, end: int, shift: float) -> None:
        """Chase the bulge from top to bottom."""
        d, e = self.d, self.e
        if shift == 0.0:
            c = old_c = 1.0
            old_s = 0.0
            for i in range(start, end):
                c, s, r = rotation(d[i] * c, e[i])
                if i > start:
                    e[i - 1] = old_s * r
                old_c, old_s, d[i] = rotation(old_c * r, d[i + 1] * s)
                self._rotate(i, (c, s), (old_c, old_s))
            h = d[end] * c
            d[end], e[end - 1] = h * old_c, h * old_s
        else:
            f, g = (abs(d[start]) - shift) * (sign(d[start]) + shift / d[start]), e[start]
            for i in range(start, end):
                c, s, r = rotation(f, g)
                if i > start:
                    e[i - 1] = r
                f, e[i] = c * d[i] + s * e[i], c * e[i] - s * d[i]
                g, d[i + 1] = s * d[i + 1], c * d[i + 1]
                cl, sl, d[i] = rotation(f, g)
                f, d[i + 1] = cl * e[i] + sl * d[i + 1], cl * d[i + 1] - sl * e[i]
                if i < end - 1:
                    g, e[i + 1] = sl * e[i + 1], cl * e[i + 1]
                self._rotate(i, (c, s), (cl, sl))
            e[end - 1] = f
        if abs(e[end - 1]) <= self.threshold:
            e[end - 1] = 0.0

    def _up(self, start: int, end: int, shift: float) -> None:
        """Chase the bulge from bottom to top."""
        d, e = self.d, self.e
        if shift == 0.0:
            c = old_c = 1.0
            old_s = 0.0
            for i in range(end, start, -1):
                c, s, r = rotation(d[i] * c, e[i - 1])
                if i < end:
                    e[i] = old_s * r
                old_c, old_s, d[i] = rotation(old_c * r, d[i - 1] * s)
                self._rotate(i - 1, (old_c, -old_s), (c, -s))
            h = d[start] * c
            d[start], e[start] = h * old_c, h * old_s
        else:
            f, g = (abs(d[end]) - shift) * (sign(d[end]) + shift / d[end]), e[end - 1]
            for i in range(end, start, -1):
                c, s, r = rotation(f, g)
                if i < end:
                    e[i] = r
                f, e[i - 1] = c * d[i] + s * e[i - 1], c * e[i - 1] - s * d[i]
                g, d[i - 1] = s * d[i - 1], c * d[i - 1]
                cl, sl, d[i] = rotation(f, g)
                f, d[i - 1] = cl * e[i - 1] + sl * d[i - 1], cl * d[i - 1] - sl * e[i - 1]
                if i > start + 1:
                    g, e[i - 2] = sl * e[i - 2], cl * e[i - 2]
                self._rotate(i - 1, (cl, -sl), (c, -s))
            e[start] = f
        if abs(e[start]) <= self.threshold:
            e[start] = 0.0

    def _rotate(self, i: int, right: tuple[float, float], left: tuple[float, float]) -> None:
        """Turn rows i, i + 1 of vt and columns i, i + 1 of u."""
        for (c, s), vectors in ((right, self.vt), (left, self.u.T)):
            vectors[i], vectors[i + 1] = c * vectors[i] + s * vectors[i + 1], c * vectors[i + 1] - s * vectors[i]

    def _two_by_two(self, i: int) -> None:
        """Solve the block of rows i and i + 1 (`dlasv2`)."""
        smaller, larger, right, left = triangular(float(self.d[i]), float(self.e[i]), float(self.d[i + 1]))
        self.d[i], self.e[i], self.d[i + 1] = larger, 0.0, smaller
        self._rotate(i, right, left)
