"""What each finding code means, for `layerfix explain` and the machine formats. Codes are stable; a code is never reused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from layerfix.diagnose.records import Severity


@dataclass(frozen=True, slots=True)
class Rule:
    """One code.

    Attributes:
        code: "LF101".
        severity: the strongest that a finding of this code has.
        title: a few words.
        cause: why it comes about.
        effect: what happens to who loads the file.
        remedy: what to do.
    """

    code: str
    severity: Severity
    title: str
    cause: str
    effect: str
    remedy: str


_HIDDEN = (
    "Keras before 2.3 (and tf.keras before 1.13) does not look for layers inside a custom layer: their weights are in no `weights` list, "
    "are never trained, and `model.save` leaves them out. Later releases track attributes, but still miss layers made in `call` or held by "
    "a plain object."
)
_RANDOM = "Loading succeeds, and the layers inside start again from fresh random values: the model predicts something else at every load."
_REPAIR = "Run `layerfix repair FILE`; where the script had seeded numpy, the very weights come back. A healthy copy helps as `--donor`."
_LAYERS = "Give the class with `layerfix audit FILE --layers layers.py`: then each hidden weight is named and the answer is certain."
_CUT = "A save was interrupted, or the file was edited or damaged afterwards."
_COPY = "Take another copy of the file, or give one that holds the weights with `layerfix repair FILE --donor COPY`."

RULES: Mapping[str, Rule] = {
    rule.code: rule
    for rule in (
        Rule("LF101", "lost", "known broken layer without its weights", _HIDDEN, _RANDOM, _REPAIR),
        Rule("LF102", "lost", "hidden weights are not in the file", _HIDDEN, _RANDOM, _REPAIR),
        Rule("LF103", "suspect", "custom layer without weights where layers are missing", _HIDDEN, _RANDOM, _LAYERS),
        Rule("LF104", "suspect", "custom layer may have lost a part of its weights", _HIDDEN, _RANDOM, _LAYERS),
        Rule(
            "LF105",
            "note",
            "custom layer without weights",
            "The class is unknown. Most such classes compute something without weights and lose nothing; some hold hidden layers.",
            "None, if the class has no weights.",
            _LAYERS,
        ),
        Rule(
            "LF106",
            "note",
            "Lambda where a layer is missing",
            "A Lambda's function that calls a layer hides it: no Keras tracks layers in a closure.",
            "If so, its weights are gone and start again from random values.",
            "Look at the script. A Lambda that calls a layer has to become a layer class; give it with `--layers`.",
        ),
        Rule(
            "LF107",
            "suspect",
            "Lambda code that reaches beyond arithmetic",
            "The layer's code names files, processes, the network, imports or `eval`. Keras before 3 runs it when it loads the file.",
            "Loading the file in legacy Keras, or without safe mode, may do anything that you may do.",
            "Do not load the file. Look at the code with `layerfix lambdas FILE`, which reads it and runs nothing.",
        ),
        Rule(
            "LF201",
            "lost",
            "stock layer without its weights",
            _CUT,
            "Keras refuses to load the file, or loads the wrong arrays where it loads by name.",
            _COPY,
        ),
        Rule("LF202", "lost", "listed layer without its group", _CUT, "Keras refuses to load the file.", _COPY),
        Rule("LF203", "lost", "listed weights without their data", _CUT, "Keras refuses to load the file.", _COPY),
        Rule(
            "LF204",
            "suspect",
            "stored weights do not fit their layer",
            "The architecture and the weights come from different models, or the class is not the stock one of that name.",
            "Keras refuses to load the file.",
            "Give the right `--architecture`, or the class with `--layers`.",
        ),
        Rule(
            "LF205",
            "lost",
            "weights that are no finite numbers",
            "Training diverged before the save, or the bytes were damaged. (Of files with more than 256 MiB of weights, the first mebibyte "
            "of each tensor is looked at.)",
            "Whatever the layer computes is NaN or infinite, and so are the predictions.",
            "Take a checkpoint from before training diverged, or give it as `--donor` to `layerfix repair`.",
        ),
        Rule(
            "LF206",
            "lost",
            "preprocessing layer without its vocabulary",
            "`adapt` learned a vocabulary, which is neither a weight nor a setting: HDF5 files do not hold it.",
            "A reload fails, or every token is out of vocabulary.",
            "Adapt the layer to the same data again and save as `.keras`; or make it with `vocabulary=[...]`, which the config keeps.",
        ),
        Rule(
            "LF301",
            "suspect",
            "constructor arguments are not in the file",
            "The class has no `get_config`, so its arguments were never saved.",
            "A reload silently takes the defaults: the same weights, another function.",
            "`layerfix repair` infers the argument from evidence, or give it with `--set LAYER.ARGUMENT=VALUE`.",
        ),
        Rule(
            "LF401",
            "suspect",
            "optimizer state for more weights than the file holds",
            "The optimizer had trained weights that the file no longer holds.",
            "The optimizer state cannot be loaded; weights may be missing too.",
            _COPY,
        ),
        Rule("LF402", "lost", "listed optimizer state without its data", _CUT, "Training cannot be continued where it stopped.", _COPY),
        Rule(
            "LF403",
            "lost",
            "weights that the optimizer trained are not in the file",
            "Keras 3 trains what a layer holds in `self._layers` and other names of its own, and leaves it out of the save.",
            "A reload gives those weights fresh random values without a word.",
            "Save again from the running model after `layerfix lint --fix` (LFL004), or give a donor (`--donor`).",
        ),
        Rule(
            "LF601",
            "lost",
            "damaged file, salvaged",
            "A download or save broke off, bytes were overwritten, or a text-mode transfer changed line endings.",
            "No Keras opens the file. What is whole in it was kept byte for byte; what is not is gone or in doubt.",
            "Give an older epoch of the same training: `layerfix repair FILE --donor OLDER` fills what is gone, and says so.",
        ),
        Rule(
            "LF501",
            "note",
            "backend without recovery",
            "Theano and CNTK draw their random numbers in another way than TensorFlow.",
            "Exact recovery of hidden weights from their seed is not available.",
            "Give a donor (`--donor`), or samples to fit the weights to (`--samples`).",
        ),
        Rule(
            "LF502",
            "note",
            "weights without an architecture",
            "The file holds weights alone (`save_weights`).",
            "Only layers with telling names could be checked.",
            "Give the architecture with `--architecture model.json`.",
        ),
        Rule(
            "LF503",
            "note",
            "graph not rebuilt",
            "The classes given with `--layers` do not suffice, or the architecture holds what cannot be rebuilt.",
            "The file alone was judged: hidden weights are not named one by one.",
            "The finding names what is missing; give its source with `--layers`.",
        ),
    )
}


def rule(code: str) -> Rule:
    """The rule of a code.

    Raises:
        KeyError: for a code that does not exist.
    """
    return RULES[code]
