"""What genuine Keras 2.0 to 2.3 needs to track what a layer holds."""

import functools

from keras.engine.topology import Layer as _Layer

from layerfix.emit.runtime.recording import _Notes, _remembered


# ---- emitted from here on ----
def _tracked(make):
    """A layer class whose layers belong to the custom layer that makes them."""

    @functools.wraps(make, updated=())
    def made(*args, **kwargs):
        return _remembered(lambda: make(*args, **kwargs), "_made")

    return made


class _Making(_Notes, type(_Layer)):
    """Metaclass of the classes below."""


class _Tracks(object):
    """Mixed into the base class of every layer below."""

    def add_weight(self, *args, **kwargs):
        variable = super(_Tracks, self).add_weight(*args, **kwargs)
        self._own.append(variable)
        return variable

    @property
    def trainable_weights(self):
        """Recurrent layers and wrappers tell of their cell's or layer's weights alone."""
        return _with_others(super(_Tracks, self).trainable_weights, self._trainable_weights if self.trainable else [])

    @trainable_weights.setter
    def trainable_weights(self, weights):
        self._trainable_weights = weights

    @property
    def non_trainable_weights(self):
        others = self._non_trainable_weights if self.trainable else self._trainable_weights + self._non_trainable_weights
        return _with_others(super(_Tracks, self).non_trainable_weights, others)

    @non_trainable_weights.setter
    def non_trainable_weights(self, weights):
        self._non_trainable_weights = weights

    def get_config(self):
        return dict(self._arguments, **super(_Tracks, self).get_config())

    def _adopt_made(self, inputs):
        """Make the weights of all layers made inside those of this layer, in the order own, then sublayers' by the order they were made."""
        inner = [made for made in self._made if made is not self]
        own = [weight for weight in self._own if not any(weight is other for made in inner for other in getattr(made, "_own", ()))]
        trained, frozen = [], []
        for weight in own:
            (frozen if any(weight is other for other in self._non_trainable_weights) else trained).append(weight)
        for made in inner:
            if isinstance(made, _Tracks):
                trained += [weight for weight in made._trainable_weights if any(weight is other for other in made._own)]
                frozen += [weight for weight in made._non_trainable_weights if any(weight is other for other in made._own)]
            else:
                trained += made.trainable_weights
                frozen += made.non_trainable_weights
        self._trainable_weights = _ordered(self._trainable_weights, trained, own, self)
        self._non_trainable_weights = _ordered(self._non_trainable_weights, frozen, own, self)
        _pass_on(self, inner, inputs)


def _with_others(weights, others):
    return list(weights) + [other for other in others if not any(other is weight for weight in weights)]


def _tracking(base):
    """`base` with tracking; _Making's work starts with its subclasses."""
    return _Making(base.__name__, (_Tracks, base), {"__module__": __name__})


def _legacy_layer():
    """Keras' own Layer, with tracking."""
    return _tracking(_Layer)


def _ordered(there, wanted, own, layer):
    """`wanted` where the class tracked its own weights only; else what it tracked by hand, and then what it missed."""
    held = list(there) + [weight for made in getattr(layer, "_layers", []) for weight in made.weights]
    by_hand = any(not any(weight is other for other in own) for weight in held) and not getattr(layer, "_adopted", False)
    unique = []
    for weight in (held if by_hand else []) + list(wanted) + list(there):
        if not any(weight is other for other in unique):
            unique.append(weight)
    nested = held[len(there) :]
    return [weight for weight in unique if not any(weight is other for other in nested)]


def _pass_on(layer, inner, inputs):
    """Penalties and moving statistics of the layers inside, and whether they behave differently in training."""
    passed = layer.__dict__.setdefault("_passed", [])
    parts = [part for made in inner for part in getattr(made, "layers", [])]  # a model inside hands on what its layers have
    for made in inner:
        if isinstance(made, _Tracks) or any(made is part for part in parts):
            continue
        nodes = getattr(made, "_inbound_nodes", getattr(made, "inbound_nodes", []))
        used = nodes[1:] if hasattr(made, "layers") else nodes  # a model's first node is its own making
        moved = [update for node in used for update in made.get_updates_for(node.input_tensors)]
        for items, add in ((list(made.losses), lambda new: layer.add_loss(new)), (moved, lambda new: layer.add_update(new, inputs))):
            new = [item for item in items if not any(item is other for other in passed)]
            passed.extend(new)
            if new:
                add(new)
        if any(getattr(output, "_uses_learning_phase", False) for node in nodes for output in node.output_tensors):
            layer.uses_learning_phase = True
    layer.__dict__["_adopted"] = True


class _Backend(object):
    """keras.backend, whose variables belong to the custom layer that makes them."""

    def __getattr__(self, name):
        import keras.backend

        found = getattr(keras.backend, name)
        if name not in ("variable", "zeros", "ones", "eye", "random_uniform_variable", "random_normal_variable"):
            return found
        return functools.wraps(found)(lambda *args, **kwargs: _remembered(lambda: found(*args, **kwargs), "_own"))
