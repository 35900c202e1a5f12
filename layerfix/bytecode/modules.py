"""Names as a function's code spells them, and the one name that each known function has here."""

from __future__ import annotations

ROOTS = {
    "K": "K",
    "k": "K",
    "KB": "K",
    "backend": "K",
    "tf": "tf",
    "tensorflow": "tf",
    "np": "np",
    "numpy": "np",
    "keras": "keras",
    "tf_keras": "keras",
    "math": "math",
    "ops": "ops",
}
"""What a global name is taken for; by custom alone, since a file does not hold what it stood for."""
_PREFIXES = (
    ("tf.keras", "keras"),
    ("tf.python.keras", "keras"),
    ("tf.compat.v1.where", "tf.where_select"),
    ("tf.compat.v1.image.resize", "tf.image.resize_images"),
    ("tf.compat.v1", "tf"),
    ("tf.compat.v2", "tf"),
    ("tf.contrib.keras", "keras"),
    ("keras.backend", "K"),
    ("keras.ops", "ops"),
    ("K.tf", "tf"),
    ("K.ops", "ops"),
    ("K.activations", "keras.activations"),
    ("tf.math", "tf"),
    ("tf.linalg", "tf"),
    ("tf.nn", "tf"),
    ("np.linalg.norm", "np.linalg.norm"),
)
_OF_KERAS = "K.backend."
"""Where this goes on, K stands for keras: in `keras.backend` it is a function that has no attributes."""
_ON_THE_WAY = frozenset({"tf.compat.v1", "tf.compat.v1.image"})
"""Modules in which a name of TensorFlow 2 is another function, so that they keep theirs until the function is named."""
_SAME = {
    "tf.absolute": "tf.abs",
    "tf.mul": "tf.multiply",
    "tf.sub": "tf.subtract",
    "tf.neg": "tf.negative",
    "tf.div": "tf.div",
    "tf.pack": "tf.stack",
    "tf.unpack": "tf.unstack",
    "tf.mod": "tf.floormod",
    "tf.batch_matmul": "tf.matmul",
    "tf.select": "tf.where_select",
    "tf.to_float": "tf.to_float",
    "tf.l2_norm": "tf.l2_normalize",
    "K.abs": "K.abs",
    "np.absolute": "np.abs",
    "np.power": "np.power",
}
BUILTINS = frozenset(["abs", "sum", "len", "range", "xrange", "int", "float", "min", "max", "list", "tuple", "zip", "enumerate"])
"""Functions of Python itself that are followed; each works on values that are known."""
_UNSAFE_TEXT = """
os sys subprocess socket shutil requests urllib urllib2 http ftplib importlib imp ctypes pickle
cPickle dill marshal builtins __builtin__ __builtins__ pty platform pathlib tempfile webbrowser
eval exec execfile compile open __import__ globals locals vars getattr setattr delattr
breakpoint exit quit system popen Popen check_output py_function py_func numpy_function
read_file write_file load_library load_op_library runpy codeop multiprocessing threading base64
codecs zlib
"""
_UNSAFE = frozenset(_UNSAFE_TEXT.split())


def canonical(dotted: str) -> str:
    """The name of a function here: "tf.keras.backend.mean", "keras.backend.mean" and "K.mean" are "K.mean"."""
    root, _, rest = dotted.partition(".")
    name = f"{ROOTS.get(root, root)}.{rest}" if rest else ROOTS.get(root, root)
    changed = name not in _ON_THE_WAY
    while changed:
        changed = False
        for prefix, short in _PREFIXES:
            if name == prefix or name.startswith(f"{prefix}."):
                shorter = short + name[len(prefix) :]
                changed, name = shorter != name, shorter
    if name.startswith(_OF_KERAS):
        return canonical(f"K.{name[len(_OF_KERAS) :]}")
    return _SAME.get(name, name)


def unsafe(names: set[str]) -> list[str]:
    """Of all the names in a function's code those that reach beyond arithmetic, sorted."""
    return sorted(name for name in names if name in _UNSAFE or _dunder(name))


def _dunder(name: str) -> bool:
    return len(name) > 4 and name.startswith("__") and name.endswith("__")
