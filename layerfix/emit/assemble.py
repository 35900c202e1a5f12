"""Puts an emitted file together: head lines, preamble, the user's source, registration."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import libcst as cst

from layerfix.emit import backend
from layerfix.emit.names import STAR, Flavour, Imports
from layerfix.emit.pieces import END, HEAD, emitted, imports, names_in, needed
from layerfix.emit.rewrite import Rewrite
from layerfix.errors import UsageError


def parse(path: Path) -> cst.Module:
    """The file's syntax tree.

    Raises:
        UsageError: where it cannot be read or is no Python 3.
    """
    try:
        return cst.parse_module(path.read_bytes())
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}.", where=str(path), hint="Name a Python file.") from error
    except (cst.ParserSyntaxError, SyntaxError, UnicodeDecodeError) as error:  # the second for a coding that there is not
        line = f"line {error.raw_line}" if isinstance(error, cst.ParserSyntaxError) else "it"
        raise UsageError(
            f"{line} is no valid Python 3.", where=str(path), hint="Correct it, or convert Python 2 source with 2to3 -w."
        ) from error


def assemble(sources: Sequence[Path], classes: Sequence[str], flavour: Flavour) -> str:
    """See `layerfix.emit.emit`."""
    heads, bodies, used, defined, extras = [], [], set[str](), list[str](), list[str]()
    for path in sources:
        module = parse(path)
        rewrite = Rewrite(Imports.of(module, STAR), flavour, str(path))
        head, body = split(module.visit(rewrite))
        heads.append(head)
        bodies.append(body)
        used |= rewrite.used_backend
        extras += [emitted("tensorflow1")] * rewrite.uses_tensorflow + [_brought()] * bool(rewrite.brought)
        defined += rewrite.layer_classes
    missing = sorted(set(classes) - set(defined))
    if missing:
        raise UsageError(
            f"no layer class {missing[0]!r} in it; there are: {', '.join(defined) or 'none'}.", where=", ".join(map(str, sources))
        )
    parts = [*heads[:1], _preamble(flavour, frozenset(used), "".join(dict.fromkeys(extras)), bodies), *bodies]
    if flavour == "keras3":
        parts.append("\n\n" + "".join(f"keras.saving.get_custom_objects()['{name}'] = {name}\n" for name in defined))
    return "".join(parts)


def _preamble(flavour: Flavour, used: frozenset[str], extras: str, bodies: Sequence[str]) -> str:
    """What the bodies need of the runtime, and no more."""
    brought = "" if flavour == "keras2" else backend.source(used) + extras
    spoken = set[str]().union(*map(names_in, (brought, *bodies)))
    head = HEAD.format(keras="2.0 to 2.3" if flavour == "keras2" else "3") + imports("recording", flavour)
    return head + needed(emitted("recording") + emitted(flavour), spoken) + brought + END


def _brought() -> str:
    """The layers that Keras 3 does not have, as they stand here."""
    source = (Path(__file__).parents[1] / "layers" / "gone.py").read_text(encoding="utf-8")
    return source + "\n\n"


def split(module: cst.Module) -> tuple[str, str]:
    """(head, body) of a source: what must stay on top (comments, docstring, `from __future__`) and the rest."""
    count = 0
    for statement in module.body:
        first = statement.body[0] if isinstance(statement, cst.SimpleStatementLine) else None
        is_docstring = count == 0 and isinstance(first, cst.Expr) and isinstance(first.value, cst.SimpleString | cst.ConcatenatedString)
        is_future = isinstance(first, cst.ImportFrom) and isinstance(first.module, cst.Name) and first.module.value == "__future__"
        if not (is_docstring or is_future):
            break
        count += 1
    head: cst.Module = module.with_changes(body=module.body[:count], footer=[])
    body: cst.Module = module.with_changes(header=[], body=module.body[count:])
    return (head.code + "\n" if head.code.strip() else ""), body.code
