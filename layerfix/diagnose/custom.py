"""Rules for custom layers: what their class hid from the library that saved them (LF1xx, LF3xx)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING

from layerfix.diagnose.case import KNOWN_BROKEN, Case, label
from layerfix.diagnose.gaps import Gap, Gaps
from layerfix.diagnose.places import leaf, sublayers
from layerfix.diagnose.records import Finding
from layerfix.dialects.readings import beyond_arithmetic
from layerfix.legacy.stock import WEIGHTED, Row, inner_layers

if TYPE_CHECKING:
    from layerfix.blueprint import WeightSpec
    from layerfix.containers.config import LayerNode
    from layerfix.containers.records import WeightEntry

_KNOWN_ARGUMENTS: Mapping[str, tuple[str, ...]] = {"Denoising_layer": ("filter_type",)}
_BASE_ARGUMENTS = frozenset({"name", "trainable", "dtype", "batch_input_shape", "input_dtype", "sparse", "ragged", "dynamic"})


class CustomRules:
    """All findings about custom layers of one case."""

    def __init__(self, case: Case) -> None:
        self._case, self._gaps = case, Gaps(case)

    def __call__(self) -> Iterator[Finding]:
        for node in self._case.custom:
            yield from self._layer(node)
            yield from self._arguments(node)
        yield from self._lambdas()

    def _layer(self, node: LayerNode) -> Iterator[Finding]:
        if node.path in self._traced:
            yield from self._certain(node, self._traced[node.path])
        elif node.class_name in KNOWN_BROKEN and not self._case.stored(node):
            yield self._known(node)
        elif self._case.stored(node):
            yield from self._partial(node)
        else:
            yield self._empty(node)

    def _certain(self, node: LayerNode, specs: Sequence[WeightSpec]) -> Iterator[Finding]:
        """With the class at hand: what it needs against what is stored, as many times as each shape occurs."""
        stored = [weight.shape for weight in self._case.stored(node)]
        lost = []
        # Tracked ones take their shapes first: of two weights of one shape the hidden one is lost.
        for spec in sorted(specs, key=lambda spec: spec.hidden):
            if spec.shape in stored:
                stored.remove(spec.shape)
            else:
                lost.append(f"{spec.name} {list(spec.shape)} is not in the file")
        if lost:
            noun = "1 weight" if len(lost) == 1 else f"{len(lost)} weights"
            yield Finding("LF102", "lost", node.path, f"{label(node)} {node.path!r} has lost {noun}.", tuple(lost))

    def _known(self, node: LayerNode) -> Finding:
        evidence = [f"{node.class_name} holds a Conv1D, and the file stores no weight of it", self._version()]
        evidence += [str(gap) for gap in self._gaps.around(node) if gap.missing]
        sure = self._case.tracking != "attributes"
        message = f"{label(node)} {node.path!r} {'has lost' if sure else 'may have lost'} all its weights."
        return Finding("LF101", "lost" if sure else "suspect", node.path, message, tuple(evidence))

    def _empty(self, node: LayerNode) -> Finding:
        gaps = self._consistent(node)
        if gaps:
            message = f"{label(node)} {node.path!r} stores no weights, and layers are missing where it sits."
            return Finding("LF103", "suspect", node.path, message, (*map(str, gaps), self._version()))
        message = f"{label(node)} {node.path!r} is a custom layer without weights."
        whole = [f"no {gap.class_name} is missing before {gap.above!r}" for gap in self._gaps.around(node) if not gap.missing]
        return Finding("LF105", "note", node.path, message, (*whole, self._version()))

    def _partial(self, node: LayerNode) -> Iterator[Finding]:
        stored = self._case.stored(node)
        gaps = [gap for gap in self._consistent(node) if not self._accounted(gap, node, stored)]
        if gaps and self._case.family != "keras1":
            names = ", ".join(sorted({weight.name for weight in stored})[:3])
            message = f"{label(node)} {node.path!r} stores some weights, and layers are missing where it sits."
            yield Finding("LF104", "suspect", node.path, message, (*map(str, gaps), f"it stores {names}", self._version()))

    def _arguments(self, node: LayerNode) -> Iterator[Finding]:
        used = self._case.blueprint.arguments.get(node.path, {}) if self._case.blueprint else {}
        missing = [name for name in used or _KNOWN_ARGUMENTS.get(node.class_name, ()) if name not in node.config]
        if missing:
            names = ", ".join(repr(name) for name in sorted(missing))
            are = "is" if len(missing) == 1 else "are"
            message = f"{label(node)} {node.path!r}: {names} {are} not in the file, and a reload takes the default, or fails without one."
            stated = ", ".join(sorted(set(node.config) - _BASE_ARGUMENTS)) or "nothing of its own"
            yield Finding("LF301", "suspect", node.path, message, (f"its config states {stated}",))

    def _lambdas(self) -> Iterator[Finding]:
        for node in self._case.layers:
            if node.class_name != "Lambda":
                continue
            beyond = beyond_arithmetic(node.config)
            if beyond:
                yield Finding("LF107", "suspect", node.path, f"The code of Lambda {node.path!r} reaches beyond arithmetic.", beyond)
            if self._case.custom:  # which the missing layers are likelier to be in than in a function
                continue
            gaps = [str(gap) for gap in self._gaps.around(node) if gap.missing and gap.below]
            if gaps:
                yield Finding("LF106", "note", node.path, f"Lambda {node.path!r} sits where layers are missing.", tuple(gaps))

    def _consistent(self, node: LayerNode) -> tuple[Gap, ...]:
        """Gaps at the layer that every layer of its class has, as far as the numbers show: one class hides the same layers everywhere."""
        return tuple(gap for gap in self._gaps.around(node) if gap.missing and gap.class_name in self._guilty[label(node)])

    @cached_property
    def _guilty(self) -> Mapping[str, frozenset[str]]:
        """For each custom class the stock classes that are missing at all its layers."""
        found: dict[str, frozenset[str]] = {}
        for class_name, nodes in groupby(sorted(self._case.custom, key=label), key=label):
            gaps = [gap for node in nodes for gap in self._gaps.around(node)]
            innocent = {gap.class_name for gap in gaps if not gap.missing}
            found[class_name] = frozenset(gap.class_name for gap in gaps if not self._gaps.unexplained(gap.class_name)) - innocent
        return found

    @cached_property
    def _traced(self) -> Mapping[str, list[WeightSpec]]:
        """The weights of each custom layer, where a blueprint traced them; layers found to have none included."""
        if self._case.blueprint is None:
            return {}
        found: dict[str, list[WeightSpec]] = {node.path: [] for node in self._case.custom}
        for spec in self._case.blueprint.weights:
            if spec.layer in found:
                found[spec.layer].append(spec)
        return found

    def _version(self) -> str:
        version = self._case.checkpoint.keras_version
        return {
            "none": f"Keras {version} does not track layers inside custom layers",
            "attributes": f"Keras {version} tracks layers in attributes, but none made in `call` or held by a plain object",
            "unknown": "the file does not say which Keras wrote it",
        }[self._case.tracking]

    def _accounted(self, gap: Gap, node: LayerNode, stored: Sequence[WeightEntry]) -> bool:
        """Whether stored weights look like those of the missing layers, so that the class or the library tracked them."""
        if self._case.checkpoint.is_v3:
            return sublayers(stored) >= len(gap.missing)
        if gap.class_name not in WEIGHTED:
            return False
        first = WEIGHTED[gap.class_name][0]
        kernels = [weight for weight in stored if leaf(weight) == first.role and first.ndim in (None, len(weight.shape))]
        return len(kernels) - _of_its_own(node.config, first) >= len(gap.missing)


def _of_its_own(config: Mapping[str, object], first: Row) -> int:
    """How many kernels like `first` its config accounts for: that of the layer it wraps, and that of the stock layer it derives from."""
    wrapped = [WEIGHTED.get(name, ()) for name, _ in inner_layers("Wrapper", config)]
    derived = ("units" if first.ndim == 2 else "filters") in config and "kernel_constraint" in config
    return sum(bool(rows) and rows[0].role == first.role for rows in wrapped) + derived
