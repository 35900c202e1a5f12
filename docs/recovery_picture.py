"""Draws docs/recovery.svg: `python docs/recovery_picture.py`. All numbers in it are computed here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np

mpl.use("svg")
import matplotlib.pyplot as plt

from layerfix.rng.initializers import stream
from layerfix.rng.numpy_stream import NumpyStream
from layerfix.rng.philox import Fingerprint, scores
from layerfix.rng.streams import DEFAULT_GRAPH_SEED, values

NUMPY_SEED, SHAPE, COSINE = 42, (3, 16, 16), 0.35
LAYERS = ("conv1d_1", "conv1d_2 (hidden)", "conv1d_3", "dense_1")
ACCENT, HIDDEN, PLAIN = "#0b6e99", "#c2410c", "#8a8f98"


def trained() -> tuple[int, Fingerprint]:
    """The first op seed under the numpy seed, and a kernel that kept a third of what it drew."""
    op_seed = int(np.random.RandomState(NUMPY_SEED).randint(10e6))
    drawn = stream("glorot_uniform", SHAPE, "2.2.4")
    first = values(drawn, DEFAULT_GRAPH_SEED, op_seed, SHAPE).ravel()
    learned = np.random.RandomState(1).normal(0, first.std(), first.size)
    kernel = COSINE * first + np.sqrt(1 - COSINE**2) * learned
    return op_seed, Fingerprint("kernel", kernel.astype(np.float32), drawn)


def histogram(axes: Any, z: Any, op_seed: int) -> None:
    """All ten million candidates, and the one far out."""
    counts, edges = np.histogram(z, bins=np.arange(-6, 6.01, 0.1))
    axes.stairs(np.maximum(counts, 0.5), edges, fill=True, color=PLAIN, baseline=0.5)
    axes.set_yscale("log")
    axes.axvline(z[op_seed], color=ACCENT, lw=1.5)
    told = f"op seed {op_seed}\nz = {z[op_seed]:.1f}"
    axes.annotate(told, (z[op_seed], 3e4), xytext=(-8, 0), textcoords="offset points", ha="right", color=ACCENT)
    axes.set(xlabel="z of a candidate", ylabel="op seeds", title="1. Ten million candidates, one remembered", xlim=(-6.5, z[op_seed] + 0.7))


def tails(axes: Any, z: Any) -> None:
    """How often wrong seeds reach t, and the proven bound."""
    t = np.linspace(0, 7, 71)
    sorted_z = np.sort(z)
    share = 1 - np.searchsorted(sorted_z, t) / len(z)
    axes.semilogy(t, np.exp(-t * t / 2), color=ACCENT, label="bound exp(-t²/2)")
    axes.semilogy(t[share > 2e-7], share[share > 2e-7], color=PLAIN, lw=3, alpha=0.8, label="measured, 10⁷ seeds")
    axes.set(xlabel="t", ylabel="share of wrong seeds with z ≥ t", title="2. The bound holds for any kernel", ylim=(1e-11, 2))
    axes.legend(frameon=False, fontsize=8)


def chain(axes: Any) -> None:
    """The first words of numpy's stream: rejected ones and what each layer drew."""
    words = NumpyStream(NUMPY_SEED, 64).words & np.uint32(0xFFFFFF)
    taken, place = 0, 0
    while taken < len(LAYERS):
        value = int(words[place])
        accepted = value <= 9_999_999
        hidden = accepted and "hidden" in LAYERS[taken]
        color = (HIDDEN if hidden else ACCENT) if accepted else "#e3e5e8"
        axes.barh(-place, 1, height=0.8, color=color)
        told = f"{value:>8}  {LAYERS[taken]}" if accepted else f"{value:>8}  rejected"
        axes.text(1.05, -place, told, va="center", fontsize=8, family="monospace", color=HIDDEN if hidden else "#333333")
        taken, place = taken + accepted, place + 1
    axes.set(xlim=(0, 4), yticks=[], xticks=[], title=f"3. np.random.seed({NUMPY_SEED}) explains all layers")
    axes.spines[:].set_visible(False)
    told = "the hidden layer's op seed lies between\nits neighbours': its kernel follows"
    axes.text(0, -place - 0.3, told, fontsize=8, color=HIDDEN, va="top")
    axes.set_ylim(-place - 2.2, 1)


def main() -> None:
    mpl.rcParams.update({"svg.hashsalt": "layerfix", "font.size": 9, "axes.spines.top": False, "axes.spines.right": False})
    op_seed, fingerprint = trained()
    z = scores(fingerprint, DEFAULT_GRAPH_SEED)
    figure, axes = plt.subplots(1, 3, figsize=(12, 3.6), constrained_layout=True)
    histogram(axes[0], z, op_seed)
    tails(axes[1], np.delete(z, op_seed))
    chain(axes[2])
    figure.savefig(Path(__file__).with_name("recovery.svg"), metadata={"Date": None})


if __name__ == "__main__":
    main()
