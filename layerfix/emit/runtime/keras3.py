"""The legacy `Layer` on Keras 3, and legacy defaults."""

import contextlib
import functools
import inspect

import keras
from keras import ops
from keras.layers import Layer as _Layer

from layerfix.emit.runtime.recording import _at_work, _is_running, _Notes, _remembered, _working


# ---- emitted from here on ----
@keras.saving.register_keras_serializable("legacy", "hard_sigmoid")
def _hard_sigmoid(x):
    """Keras 2's: clip(0.2 x + 0.5, 0, 1)."""
    return ops.clip(0.2 * x + 0.5, 0.0, 1.0)


def _todays(make, args, kwargs, defaults):
    """Legacy names and defaults made today's."""
    dropped = ("implementation", "input_length")
    parameters = inspect.signature(make.__init__).parameters
    alpha = "alpha" if "alpha" in parameters else "negative_slope"
    kwargs = {alpha if name == "alpha" else name: value for name, value in kwargs.items() if name not in dropped}
    kwargs = {name: _hard_sigmoid if isinstance(value, str) and value == "hard_sigmoid" else value for name, value in kwargs.items()}
    given = inspect.signature(make.__init__).bind_partial(None, *args, **kwargs).arguments
    return {**{name: value for name, value in defaults.items() if name not in given}, **kwargs}


def _made_with(make, args, kwargs, defaults):
    layer = make(*args, **_todays(make, args, kwargs, defaults))
    layer._allow_non_tensor_positional_args = True
    return layer


def _tracked(make, **defaults):
    """A layer class whose layers belong to the custom layer that makes them; `defaults` are those of legacy Keras."""

    @functools.wraps(make, updated=())
    def made(*args, **kwargs):
        return _remembered(lambda: _made_with(make, args, kwargs, defaults), "_made")

    return made


class _Making(_Notes, type(_Layer)):
    """Metaclass of the classes below."""


class _Tracks:
    """Mixed into the base class of every layer below: all that it holds is saved with it, in one list."""

    # Only for: compute_output_shape
    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if "compute_output_shape" in cls.__dict__:
            cls.compute_output_shape = _through_call(cls.__dict__["compute_output_shape"])

    def __dir__(self):
        """Without what the class holds: saving walks through the attributes, and save_own_variables saves all of it already."""
        return [name for name in super().__dir__() if name not in vars(self) or name in ("state_size", "output_size")]

    def _lock_state(self):
        """Legacy layers make weights at any time."""

    def compute_output_spec(self, *args, **kwargs):
        """By running `call`: a compute_output_shape of its own would leave the layers inside unbuilt."""
        from keras.src import backend

        return backend.compute_output_spec(self.call, *args, **kwargs)

    def get_config(self):
        return dict(self._arguments, **super().get_config())

    def _saved_variables(self):
        wrapped = self.layer.weights if isinstance(self, keras.layers.Wrapper) else []
        found = wrapped + self._own + [weight for made in self._made if not isinstance(made, _Tracks) for weight in made.weights]
        return list({id(variable): variable for variable in found}.values())

    def _adopt_made(self, inputs):
        """Make every layer and variable made inside one that Keras tracks."""
        self._tracker.unlock()
        tracked = {id(item) for item in (*self._layers, *self._trainable_variables, *self._non_trainable_variables)}
        for made in self._made:
            if id(made) not in tracked and made is not self and not isinstance(made, _Legacy):
                self._tracker.add_to_store("layers", made)
        for variable in self._own:
            if id(variable) not in tracked:
                self._track_variable(variable)
        self.__dict__["_adopted"] = True

    def save_own_variables(self, store):
        for index, variable in enumerate(self._saved_variables()):
            store[str(index)] = variable

    def load_own_variables(self, store):
        variables = self._saved_variables()
        if len(store.keys()) != len(variables):
            raise ValueError("%s has %d variables, the file holds %d of it" % (self.name, len(variables), len(store.keys())))
        for index, variable in enumerate(variables):
            variable.assign(store[str(index)])


class _Derived(_Tracks):
    """Before a class of Keras' own that a layer below derives from."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **_todays(type(self)._stock, args, kwargs, type(self)._defaults))
        self._allow_non_tensor_positional_args = True

    def build(self, input_shape=None):
        with contextlib.nullcontext() if _is_running(self, "build") else _working(self, "build"):
            super().build(input_shape)
            known = self._own + [weight for made in self._made if made is not self for weight in made.weights]
            for weight in self.weights:
                if not any(weight is other for other in known):
                    _remembered(lambda found=weight: found, "_own")

    def add_weight(self, *args, **kwargs):
        return _remembered(lambda: super(_Derived, self).add_weight(*args, **kwargs), "_own")


class _Legacy(_Tracks, _Layer):
    """Keras 2's Layer, on Keras 3."""

    def __init__(self, *args, **kwargs):
        for name in ("input_shape", "batch_input_shape", "input_dim", "input_dtype", "batch_size", "weights"):
            kwargs.pop(name, None)
        super().__init__(*args, **kwargs)
        self._allow_non_tensor_positional_args = True

    def __setattr__(self, name, value):
        object.__setattr__(self, name, value)  # tracking follows in _adopt, whole and in order

    def _maybe_build(self, call_spec):
        self._build_once(call_spec.first_arg)

    def _build_once(self, first):
        """Also before a `call` that a wrapper makes by itself, on a layer that loading has declared built."""
        if not self._built_once:
            self.build([tuple(item.shape) for item in first] if isinstance(first, (list, tuple)) else tuple(first.shape))
            self._built_once = self.built = True

    def build(self, input_shape=None):
        self.built = True

    def build_from_config(self, config):
        """The first call builds."""

    def compute_mask(self, inputs, mask=None):
        return mask

    # Only for: add_weight, add_variable
    def add_weight(self, *args, **kwargs):
        """add_weight(name, shape, dtype, initializer, ...) of Keras 2; add_weight(shape, initializer, name=...) of Keras 1 and 3."""
        names = ("name", "shape", "dtype", "initializer") if args and isinstance(args[0], str) else ("shape", "initializer", "dtype")
        given = dict(zip(names + ("regularizer", "trainable", "constraint"), args), **kwargs)
        given["initializer"] = given.get("initializer") or "glorot_uniform"
        given["shape"] = tuple(int(size) for size in given.get("shape") or ())
        variable = _remembered(lambda: _Layer.add_weight(self, **given), "_own")
        kind = self._trainable_weights if variable.trainable else self._non_trainable_weights
        if not any(variable is other for other in kind):
            kind.append(variable)
        return variable

    # Only for: add_variable
    def add_variable(self, *args, **kwargs):
        """Keras 1's name of it."""
        return self.add_weight(*args, **kwargs)

    # Only for: add_update
    def add_update(self, updates, inputs=None):
        """Keras 3 layers update themselves."""

    def get_config(self):
        return dict(self._arguments, name=self.name, trainable=self.trainable)

    @classmethod
    def from_config(cls, config):
        return cls(**config)

    # Only for: trainable_weights, _trainable_weights, add_weight, add_variable
    @property
    def trainable_weights(self):
        return super().trainable_weights if self._adopted else self._trainable_weights

    # Only for: trainable_weights, _trainable_weights, add_weight, add_variable
    @trainable_weights.setter
    def trainable_weights(self, weights):
        self._trainable_weights = list(weights)

    # Only for: non_trainable_weights, _non_trainable_weights, add_weight, add_variable
    @property
    def non_trainable_weights(self):
        return super().non_trainable_weights if self._adopted else self._non_trainable_weights

    # Only for: non_trainable_weights, _non_trainable_weights, add_weight, add_variable
    @non_trainable_weights.setter
    def non_trainable_weights(self, weights):
        self._non_trainable_weights = list(weights)


def _through_call(method):
    """A wrapper such as TimeDistributed asks for the shape alone; the layers inside are then built by running `call` once."""

    @functools.wraps(method)
    def compute_output_shape(self, input_shape, *args, **kwargs):
        if self.built and not self._adopted and not _at_work and isinstance(input_shape, tuple):
            self.compute_output_spec(keras.KerasTensor(input_shape, dtype=self.compute_dtype))
        return method(self, input_shape, *args, **kwargs)

    return compute_output_shape


def _legacy_layer():
    """Keras 2's Layer with tracking; _Making's work starts with its subclasses."""
    return _Making("Layer", (_Legacy,), {"__module__": __name__})


def _tracking(base, **defaults):
    """A layer class of Keras' own with tracking. `defaults` are those of legacy Keras."""
    names = {"__module__": __name__, "_stock": base, "_defaults": defaults, "call": _legacy_call(base.call)}
    names["compute_output_shape"] = base.compute_output_shape
    return _Making(base.__name__, (_Derived, base), names)


def _legacy_call(method):
    """A recurrent layer takes its mask before its state in Keras 2."""
    order = ("mask", "training", "initial_state") if "initial_state" in inspect.signature(method).parameters else ()

    @functools.wraps(method)
    def call(self, inputs, *args, **kwargs):
        return method(self, inputs, *args[len(order) :], **dict(zip(order, args), **kwargs))

    return call
