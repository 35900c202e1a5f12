"""Everything that stands between a legacy model and today's Keras, told at once; no TensorFlow here."""

from __future__ import annotations

import ast
import copy
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from layerfix.containers.config import layer_list, layer_name
from layerfix.containers.records import Checkpoint
from layerfix.dialects.lambdas import described, own_name, python_name
from layerfix.dialects.origin import backend_of, with_input_shape
from layerfix.dialects.records import layer_class
from layerfix.dialects.upgrade import upgrade
from layerfix.disk.files import open_regular
from layerfix.errors import GraphError
from layerfix.model import Layer, Model, Unread

_LIBRARIES = {
    "CRF": "keras_contrib or tensorflow_addons",
    "SeqSelfAttention": "keras_self_attention",
    "SeqWeightedAttention": "keras_self_attention",
    "MultiHead": "keras_multi_head",
    "TokenEmbedding": "keras_bert",
    "EmbeddingSimilarity": "keras_bert",
    "PositionEmbedding": "keras_pos_embd",
    "TrigPosEmbedding": "keras_pos_embd",
    "QuantizeLayer": "tensorflow_model_optimization",
    "QuantizeWrapper": "tensorflow_model_optimization",
    "QuantizeWrapperV2": "tensorflow_model_optimization",
    "UpsampleLike": "keras_retinanet",
    "DenseFeatures": "tf.feature_column, which Keras 3 has no more",
    "KerasLayer": "tensorflow_hub, whose weights lie in the hub module's own SavedModel",
    "TFBertMainLayer": "transformers, whose weights its own `from_pretrained` reads",
}
"""Classes that public packages bring."""
_HINT = "Give them with --layers FILE.py; nothing that a file names is imported."
COMPLETED = "Run layerfix lambdas FILE -o lambdas.py, complete what it leaves open, and give that with --layers lambdas.py."
_LOOKUPS = frozenset({"StringLookup", "IntegerLookup", "TextVectorization"})


def refuse_obstacles(
    checkpoint: Checkpoint, layers: Sequence[Path], given: Collection[str] = (), arguments: Mapping[str, Mapping[str, object]] | None = None
) -> None:
    """Refuses a model that needs what is not at hand, naming all of it.

    Args:
        checkpoint: with a config.
        layers: the user's sources, which are only read here.
        given: names of further classes at hand.
        arguments: constructor arguments that the user states, by layer path, name, class or "*"; None where lost ones are
            inferred, so that they stand in nobody's way.

    Raises:
        GraphError: the one obstacle in its own words, or one sentence that counts them all.
    """
    own = names_defined(layers)
    if own is None:
        return
    found = [*obstacles(checkpoint, {*own, *given}), *([] if arguments is None else _argumentless(checkpoint, layers, arguments))]
    searched = f"{', '.join(str(path) for path in layers)} was looked through. " if layers else ""
    if len(found) == 1:
        raise GraphError(found[0].message, where=found[0].where, hint=f"{searched}{found[0].hint or ''}".strip() or None)
    if found:
        advice = {error.hint for error in found}
        hint = advice.pop() if len(advice) == 1 and not any("--layers" in (each or "") for each in advice) else _HINT
        told = "; ".join(f"{error.where}: {error.message.rstrip('.')}" for error in found)
        raise GraphError(
            f"{len(found)} things stand in the way: {told}.", where=str(checkpoint.path), hint=f"{searched}{hint or ''}".strip()
        )


def names_defined(layers: Sequence[Path]) -> set[str] | None:
    """What Python files may define or import, wherever in them, keys of registries included; None where their text does not tell."""
    names: set[str] = set()
    for path in layers:
        try:
            with open_regular(path) as stream:
                statements = ast.parse(stream.read()).body
        except (OSError, ValueError, SyntaxError, RecursionError, MemoryError):
            return None
        for statement in statements:
            if isinstance(statement, ast.ImportFrom) and any(alias.name == "*" for alias in statement.names):
                return None
            names.update(_named(statement))
    return names


def _argumentless(checkpoint: Checkpoint, layers: Sequence[Path], stated: Mapping[str, Mapping[str, object]]) -> Iterator[GraphError]:
    """Layers whose class could not tell its config when it was saved: a default must not pass for what it was made with."""
    for entry in _lost_configs(checkpoint.config or {}):
        name, class_name = layer_name(entry), layer_class(entry)
        known = {argument for place in ("*", class_name, name) for argument in stated.get(place, {})}
        missing = [argument for argument in _constructor(layers, class_name) if argument not in known]
        if missing:
            hint = " ".join(f"--set {class_name}.{argument}=VALUE" for argument in missing)
            message = f"its class {class_name} could not tell its config, so that {', '.join(missing)} is in no file."
            yield GraphError(message, where=name, hint=f"State what it was made with: {hint}.")


def _lost_configs(config: Mapping[str, object]) -> Iterator[Mapping[str, Any]]:
    for entry in layer_list(config) or ():
        yield from _lost_configs(entry)
        yield from [entry] if entry.get("config_lost") else []


def _constructor(layers: Sequence[Path], class_name: str) -> list[str]:
    """The arguments of a class of the user's, those of every layer aside; read from its text."""
    for path in layers:
        with open_regular(path) as stream:
            statements = ast.parse(stream.read()).body
        for made in (one for one in statements if isinstance(one, ast.ClassDef) and one.name == class_name):
            starts = [one for one in made.body if isinstance(one, ast.FunctionDef) and one.name == "__init__"]
            taken = [argument.arg for one in starts for argument in (*one.args.posonlyargs, *one.args.args[1:], *one.args.kwonlyargs)]
            return [argument for argument in taken if argument not in {"name", "dtype", "trainable"}]
    return []


def _named(statement: ast.stmt) -> Iterator[str]:
    for node in ast.walk(statement):
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from ((alias.asname or alias.name).split(".")[0] for alias in node.names)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value  # the name of a class may be a key of a dict


def obstacles(checkpoint: Checkpoint, given: Collection[str]) -> Iterator[GraphError]:
    """Each thing in the way, once: settings without an equal, classes and functions that are not given."""
    problems: list[GraphError] = []
    config = with_input_shape(checkpoint)
    upgraded = upgrade(copy.deepcopy(dict(config)), checkpoint.keras_version, backend_of(checkpoint), custom=given, problems=problems)
    yield from problems
    told = {error.where for error in problems}
    classes: dict[str, list[str]] = {}
    for path, layer in _leaves(upgraded.model, ""):
        name = layer.class_name
        if layer.custom and name not in given:
            classes.setdefault(name, []).append(path)
        elif name in _LOOKUPS and path not in told and not isinstance(layer.settings.get("vocabulary"), list):
            yield _wordless(path, layer)
        elif name == "Lambda" and not {*function_names(layer)} & {*given} and (drawn := _drawn(layer)) is not None:
            yield drawing(drawn, path)
        elif name == "Lambda" and layer.computes is None and not {*function_names(layer)} & {*given}:
            yield unknown_function(path, layer)
    for name, paths in classes.items():
        library = f" (it comes with {_LIBRARIES[name]})" if name in _LIBRARIES else ""
        more = f" ({len(paths) - 1} more layers are of it)" if len(paths) > 1 else ""
        message = f"class {name} is not one of Keras' own layers{library}{more}."
        yield GraphError(message, where=paths[0], hint="Give its source with --layers FILE.py.")


def _leaves(model: Model, prefix: str) -> Iterator[tuple[str, Layer]]:
    """Every layer that is no model, the layers inside wrappers too."""
    for layer in model.layers:
        path = f"{prefix}/{layer.name}" if prefix else layer.name
        if layer.model is not None:
            yield from _leaves(layer.model, path)
            continue
        yield path, layer
        yield from ((f"{path}/{inner.name}", inner) for inner in layer.wrapped.values() if not layer.custom)


def _drawn(layer: Layer) -> str | None:
    """A function that draws at random, of which a Lambda's result is made whatever it is called with."""
    table = layer.computes.table[:-1] if layer.computes is not None else []
    if any(kind == "choice" for kind, *_ in table):
        return None  # another branch may be taken
    return next((str(rest[0]) for kind, *rest in table if kind == "call" and "random" in rest[0]), None)


def drawing(function: str, where: str) -> GraphError:
    """The refusal of a Lambda that draws at random."""
    return GraphError(f"{function} draws at random, which no operation in a file of today's Keras does.", where=where, hint=COMPLETED)


def function_names(layer: Layer) -> tuple[str, ...]:
    """Names under which the user may give a Lambda's function."""
    wanted, config = layer.stored_name, layer.settings
    return wanted, python_name(wanted), layer.name, str(config.get("function")), str(own_name(config))


def unknown_function(path: str, layer: Layer) -> GraphError:
    """The refusal of a Lambda layer whose function nobody gives and no bytecode tells."""
    wanted, own = layer.stored_name, own_name(layer.settings)
    found = described(wanted, wanted, layer.settings, ())
    ends = f", and reading it ends where {layer.expression.reason}" if isinstance(layer.expression, Unread) else ""
    told = f"a Lambda layer's code in a file is never run (SHA-256 {found.digest[:12]}){ends}."
    if found.kind == "name":
        told = "the file holds the name of its function alone, and no code."
    hint = f"Give a function named {python_name(wanted)}{f' or {own}' if own else ''} with --layers FILE.py."
    return GraphError(told, where=path, hint=hint)


def _wordless(path: str, layer: Layer) -> GraphError:
    """tf.keras 2.9 and later keep a vocabulary that `adapt` learned in `.keras` and SavedModels alone; one may also be named as a file."""
    stated = layer.settings.get("vocabulary")
    where = f"in the file {stated!r}, which is not read" if isinstance(stated, str) else "in no file"
    hint = "A SavedModel or .keras of the same model holds it: migrate that."
    return GraphError(f"the vocabulary of layer {layer.name!r} is {where}.", where=path, hint=hint)


def without_architecture(checkpoint: Checkpoint, *, takes_code: bool = True) -> GraphError:
    """The refusal of a file that tells no layers: it names the class of a subclassed model.

    Args:
        takes_code: whether the command has --model.
    """
    where = str(checkpoint.path)
    if checkpoint.own_class is None:
        hint = "Give the model's JSON with --architecture"
        hint += ", or the code that builds it with --model FILE.py:NAME." if takes_code else "."
        return GraphError("holds weights without an architecture.", where=where, hint=hint)
    message = f"holds a subclassed model: how its class {checkpoint.own_class} calls its layers is code, which no file of Keras tells."
    return GraphError(message, where=where, hint="Give the code that builds it with --model FILE.py:NAME." if takes_code else None)
