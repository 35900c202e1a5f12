"""Layer classes that were written beside a model."""

from __future__ import annotations

import keyword
import sys
from dataclasses import dataclass
from pathlib import Path

_TAKEN = frozenset({"keras", "tensorflow", "tf_keras", "numpy", "jax", "torch", "h5py", "layerfix"})
"""Modules that a file of classes of the same name would hide, or that would hide it."""


@dataclass(frozen=True, slots=True)
class Emitted:
    """A file of layer classes.

    Attributes:
        path: the file.
        flavour: "keras3" or "keras2", the Keras that runs it.
        because: why its classes bring a runtime along that tracks what they hold, as the end of a sentence; "" where they were
            ported, or are those that ship.
    """

    path: Path
    flavour: str
    because: str = ""

    def opening(self, model: Path) -> str:
        """How plain Keras opens a model with them, its Python behind ": " in backticks; "" where they are not for this kind of file."""
        if model.suffix not in ((".keras",) if self.flavour == "keras3" else (".h5", ".hdf5")):
            return ""
        imports, classes = self._imported()
        loading = f"keras.models.load_model({str(model)!r}"
        if self.flavour == "keras2":
            return f"Keras 2 loads it with these layer classes: `{imports}; model = {loading}, custom_objects={classes})`"
        run = "" if classes.startswith("vars") else f"{classes}; "
        return f"Plain Keras 3 loads it with these layer classes: `{imports}; {run}model = {loading})`"

    def _imported(self) -> tuple[str, str]:
        """Statements that import what is needed, and an expression for the file's names. Only a module's name can be imported."""
        name = self.path.stem
        is_module = self.path.suffix == ".py" and name.isidentifier() and not keyword.iskeyword(name)
        if not is_module or name in sys.stdlib_module_names | _TAKEN:
            return "import keras, runpy", f"runpy.run_path({str(self.path)!r})"
        found = "" if self.path.parent == Path() else f"import sys; sys.path.insert(0, {str(self.path.parent)!r}); "
        return f"{found}import keras, {name}", f"vars({name})"
