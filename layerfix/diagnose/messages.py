"""What Keras says when it cannot load a file, and what to do about it: for `layerfix explain "MESSAGE"`."""

from __future__ import annotations

import re
from dataclasses import dataclass

_DOWN = "layerfix migrate FILE -o OLD.h5 --for tf2.15    (or the release that you have: tf2.4 to tf2.15, keras2.2.4, keras2.3.1)"
_OLDER = "layerfix migrate FILE -o OLD.keras --for keras3.3    (or the Keras 3 that you have)"
_UP = "layerfix migrate FILE -o NEW.keras"


@dataclass(frozen=True, slots=True)
class Message:
    """One error of Keras' loaders.

    Attributes:
        pattern: a regular expression that finds it, whatever the names in it.
        example: the error as it is met.
        cause: why it comes about.
        command: what to run.
    """

    pattern: str
    example: str
    cause: str
    command: str


MESSAGES: tuple[Message, ...] = (
    Message(
        r"keyword argument\S*(?: passed to InputLayer)?:? .*'batch_shape'|unexpected keyword argument 'batch_shape'",
        "Unrecognized keyword arguments: ['batch_shape']",
        "Keras 3 wrote the file; tf.keras and Keras 2 call the shape of an input `batch_input_shape`. Renaming it by hand is not enough: "
        "calls, masks, dtypes and some activations changed as well.",
        _DOWN,
    ),
    Message(
        r"Unknown (dtype )?(policy|layer|object)?:? ?['\"]?DTypePolicy|DTypePolicy.*(not|cannot)|Unknown dtype policy",
        "Unknown dtype policy: 'DTypePolicy'",
        "Keras 3 wrote the file: it writes dtypes as objects, tf.keras and Keras 2 as names.",
        _DOWN,
    ),
    Message(
        r"keras\.src\.models\.(functional|sequential)|No module named 'keras\.src",
        "TypeError: Could not deserialize class 'Functional' because its parent module keras.src.models.functional cannot be imported.",
        "Keras 3 wrote the file, and an older Keras looks for its modules.",
        _DOWN,
    ),
    Message(
        r"Unknown layer: '?Functional",
        "ValueError: Unknown layer: Functional",
        "TensorFlow 2.3 or later, or Keras 3, wrote the file; multi-backend Keras calls the class "
        "`Model`, and knows other nodes and initializers.",
        "layerfix migrate FILE -o OLD.h5 --for keras2.2.4",
    ),
    Message(
        r"'(optional|quantization_config|renorm\w*|use_gate|rms_scaling|sliding_window|synchronized|zero_output_for_mask|lora_\w+|autocast)'",
        "Unrecognized keyword arguments passed to Dense: {'quantization_config': None}",
        "A newer Keras 3 wrote the file; the argument is younger than this Keras.",
        _OLDER + "\n" + _DOWN,
    ),
    Message(
        r"unexpected keyword argument '(input_axes|output_axes)'|__init__\(\) got an unexpected keyword argument 'name'",
        "Mean.__init__() got an unexpected keyword argument 'name'",
        "A newer Keras 3 wrote the file; its operations and initializers take more than this Keras knows.",
        _OLDER,
    ),
    Message(
        r"Unknown activation( function)?:? ?'?(silu|hard_silu|mish|gelu|leaky_relu|relu6)|Unknown activation function",
        "ValueError: Unknown activation function: 'silu'",
        "A newer Keras wrote the file; the activation had another name in this one, or did not exist.",
        _DOWN,
    ),
    Message(
        r"truth value of an array with more than one element is ambiguous",
        "ValueError: The truth value of an array with more than one element is ambiguous. Use a.any() or a.all()",
        "Keras 3 wrote the .h5 file, with names as text of variable length, which Keras 2.2 and 2.3 cannot compare.",
        "layerfix migrate FILE -o OLD.h5 --for keras2.2.4",
    ),
    Message(
        r"Unknown layer: '?(TFOpLambda|SlicingOpLambda|TensorFlowOpLayer)|locate class '(TFOpLambda|SlicingOpLambda|TensorFlowOpLayer)",
        "Could not locate class 'TFOpLambda'. Make sure custom classes are decorated with `@keras.saving.register_keras_serializable()`.",
        "tf.keras wrote the file, with TensorFlow functions called on Keras tensors; Keras 3 has no such layers.",
        _UP,
    ),
    Message(
        r"'(batch_input_shape|time_major|implementation|input_length|momentum_schedule|lr|decay|groups|alpha|dim_ordering|border_mode)'",
        "Unrecognized keyword arguments passed to LSTM: {'time_major': False}",
        "An older Keras wrote the file; the argument has gone or has another name today.",
        _UP,
    ),
    Message(
        r"File format not supported|only supports V3 `?\.keras`? files",
        "ValueError: File format not supported: filepath=saved_model. Keras 3 only supports V3 `.keras` files and legacy H5 format files",
        "It is a SavedModel folder or a TensorFlow checkpoint, which Keras 3 does not load.",
        "layerfix migrate SAVED_MODEL/ -o NEW.keras",
    ),
    Message(
        r"bad marshal data|unknown opcode|code expected at least|Requested the deserialization of a `?Lambda|deserializ\w+ .*lambda",
        "ValueError: bad marshal data (unknown type code)",
        "A Lambda layer's code is in the file, as bytecode of another Python. layerfix reads it and never runs it.",
        "layerfix lambdas FILE\n" + _UP,
    ),
    Message(
        r"file signature not found|truncated file|eof = \d+|Unable to (synchronously )?open (file|object)|bad object header|not a zip file",
        "OSError: Unable to open file (truncated file: eof = 96, sblock->base_addr = 0, stored_eof = 2048)",
        "The file is cut off or damaged.",
        "layerfix salvage FILE -o WHOLE.weights.h5",
    ),
    Message(
        r"expected \d+ (variables|weights|layers)|Layer count mismatch|weight file containing \d+ layers|never loaded|was never built",
        "ValueError: Layer 'denoising' expected 3 variables, but received 0 variables during loading.",
        "The file does not hold the weights that the model needs, or in other layers: an old save may have left some out.",
        "layerfix audit FILE",
    ),
    Message(
        r"'str' object has no attribute 'decode'",
        "AttributeError: 'str' object has no attribute 'decode'",
        "Keras 2 before TensorFlow 2.4 runs with h5py 3; the file is sound. Install h5py below 3 there, or bring the model up.",
        _UP,
    ),
)


def recognised(text: str) -> tuple[Message, ...]:
    """What an error says, the most telling first; () where nothing of it is known."""
    return tuple(message for message in MESSAGES if re.search(message.pattern, text, re.IGNORECASE | re.DOTALL))
