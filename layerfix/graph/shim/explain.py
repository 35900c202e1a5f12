"""Errors in user source as one sentence that names layer, method and line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import keras

from layerfix.errors import LayerfixError, LayersError

_HINT = "State lost constructor arguments with --set, or correct the source given with --layers."


@contextmanager
def explained(layer: keras.layers.Layer, method: str, source: str) -> Iterator[None]:
    """Turns whatever user code raises in the block into a LayersError that names the line in `source`."""
    try:
        yield
    except LayerfixError as error:
        raise _final(placed(error, f"{type(layer).__name__}.{method}", Path(source))) from error.__cause__
    except Exception as error:
        where = getattr(layer, "name", None) or type(layer).__name__
        message = f"{type(layer).__name__}.{method} fails: {describe(error, Path(source))}"
        raise _final(LayersError(message, where=where, hint=_HINT)) from error


def _final(error: LayerfixError) -> LayerfixError:
    """Marks an error so that Keras does not wrap its own account of the call around it (keras 3.15, utils/traceback_utils.py)."""
    error._keras_call_info_injected = True  # type: ignore[attr-defined]
    return error


def describe(error: BaseException, path: Path | None = None) -> str:
    """An error in one clause: type, message, and the line of user source it happened in."""
    return f"{type(error).__name__}: {_plain(str(error))[:300]}{_line(error, path)}."


def placed(error: LayerfixError, where: str, path: Path) -> LayerfixError:
    """The error with a place: `where`, and the line of user source it came from."""
    if error.where is None:
        error.where = f"{where}{_line(error, path)}"
    return error


def _line(error: BaseException, path: Path | None) -> str:
    place, trace = "", error.__traceback__
    while trace is not None:
        if path is None or trace.tb_frame.f_code.co_filename == str(path):
            place = f" (line {trace.tb_lineno}, in {trace.tb_frame.f_code.co_name})"
        trace = trace.tb_next
    return place


def _plain(message: str) -> str:
    """One line, without the colours and the argument list that Keras adds."""
    message = message.replace("\x1b[1m", "").replace("\x1b[0m", "").partition("Arguments received by")[0]
    return " ".join(message.split()).removesuffix(".")
