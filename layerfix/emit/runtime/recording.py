"""The same for every Keras: which custom layer is at work, and what it makes."""

import contextlib
import functools
import inspect

# ---- emitted from here on ----
_at_work = []  # the custom layers at work, outermost first: [layer, phase, position in layer._memory]
_NOT_ARGUMENTS = {"name", "trainable", "dtype", "input_shape", "batch_input_shape", "input_dim", "input_dtype", "batch_size", "weights"}


@contextlib.contextmanager
def _working(layer, phase):
    _at_work.append([layer, phase, 0])
    try:
        yield
    finally:
        _at_work.pop()


def _remembered(make, kind):
    """What `make` gives, noted with the layers at work; in `call` it is made once, and the same is given again at later calls."""
    frame = _at_work[-1] if _at_work else None
    if frame is None:
        return make()
    layer, phase, position = frame
    if phase == "call":
        frame[2] += 1
        if position < len(layer._memory):
            return layer._memory[position]
    made = make()
    if phase == "call":
        layer._memory.append(made)
    for owner, _, _ in _at_work:
        getattr(owner, kind).append(made)
    return made


class _Notes(type):
    """Metaclass: notes what a class below makes in __init__, build and call, and the arguments it is made with."""

    def __init__(cls, name, bases, namespace):
        super(_Notes, cls).__init__(name, bases, namespace)
        for method, wrap in (("build", _while_building), ("call", _while_called), ("get_config", _whole_config)):
            if method in namespace:
                setattr(cls, method, wrap(namespace[method]))

    def __call__(cls, *args, **kwargs):
        return _remembered(lambda: _instance(cls, args, kwargs), "_made")


def _instance(cls, args, kwargs):
    layer = cls.__new__(cls, *args, **kwargs)
    layer.__dict__.update(_made=[], _memory=[], _own=[], _arguments=_arguments_of(cls, args, kwargs), _adopted=False, _built_once=False)
    layer.__dict__.update(_trainable_weights=[], _non_trainable_weights=[])
    with _working(layer, "init"):
        layer.__init__(*args, **kwargs)
    return layer


def _arguments_of(cls, args, kwargs):
    """The constructor's arguments, given or default, as far as a config can hold them."""
    signature = inspect.signature(cls.__init__)
    bound = signature.bind(None, *args, **kwargs)
    bound.apply_defaults()
    found = {}
    for name, parameter in list(signature.parameters.items())[1:]:
        if parameter.kind == parameter.VAR_KEYWORD:
            found.update(bound.arguments[name])
        elif parameter.kind != parameter.VAR_POSITIONAL:
            found[name] = bound.arguments[name]
    return {name: value for name, value in found.items() if name not in _NOT_ARGUMENTS and _is_plain(value)}


def _is_plain(value):
    if isinstance(value, (list, tuple)):
        return all(_is_plain(item) for item in value)
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_plain(item) for key, item in value.items())
    return value is None or isinstance(value, (bool, int, float, str))


def _is_running(layer, phase):
    return bool(_at_work) and _at_work[-1][0] is layer and _at_work[-1][1] == phase


def _while_building(method):
    @functools.wraps(method)
    def build(self, *args, **kwargs):
        self.__dict__["_built_once"] = True
        if _is_running(self, "build"):
            return method(self, *args, **kwargs)
        with _working(self, "build"):
            return method(self, *args, **kwargs)

    return build


def _while_called(method):
    @functools.wraps(method)
    def call(self, inputs, *args, **kwargs):
        if hasattr(self, "_build_once"):
            self._build_once(inputs)
        if _is_running(self, "call"):
            return method(self, inputs, *args, **kwargs)
        with _working(self, "call"):
            outputs = method(self, inputs, *args, **kwargs)
        self._adopt_made(inputs)
        return outputs

    return call


def _whole_config(method):
    @functools.wraps(method)
    def get_config(self):
        return dict(self._arguments, **method(self))

    return get_config
