"""What a class finds below it that is mixed into classes of Keras, for the type checker alone: it knows nothing of Keras' own classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras

    class Below:
        """A layer of today's Keras, as far as those that are mixed in ask for it."""

        weights: list[keras.Variable]
        built: bool

        def __init__(self, *args: Any, **kwargs: Any) -> None: ...

        def __call__(self, *args: Any, **kwargs: Any) -> Any: ...

        def set_weights(self, weights: Any) -> None: ...

        def _lock_state(self) -> None: ...
else:
    Below = object
