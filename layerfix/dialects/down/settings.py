"""Arguments that an older class does not have: with these values they do nothing, with any other the layer is refused."""

from __future__ import annotations

from typing import Any

ANY = object()
"""Any value: none changes what the layer predicts."""

NO_OP: dict[str, tuple[Any, ...]] = {
    "activity_regularizer": (None,),
    "antialias": (False,),
    "autocast": (True,),
    "count_weights": (False,),
    "crop_to_aspect_ratio": (False,),
    "data_format": (None, "channels_last"),
    "dropout": (0.0,),
    "encoding": ("utf-8",),
    "flash_attention": (None, False),
    "groups": (1,),
    "idf_weights": (None,),
    "invert": (False,),
    "keepdims": (False,),
    "lora_alpha": (None,),
    "lora_rank": (None,),
    "mask_value": (None,),
    "mean": (None,),
    "oov_method": ("floormod", None),
    "optional": (False,),
    "output_padding": (None,),
    "output_mode": ("int",),
    "pad_to_aspect_ratio": (False,),
    "pad_to_max_tokens": (False,),
    "vocabulary_dtype": (ANY,),
    "quantization_config": (None,),
    "ragged": (False,),
    "renorm": (False,),
    "renorm_clipping": (ANY,),
    "renorm_momentum": (ANY,),
    "rms_scaling": (False,),
    "salt": (None,),
    "score_mode": ("dot",),
    "seed": (ANY,),
    "sliding_window": (None,),
    "sparse": (False,),
    "synchronized": (False,),
    "unroll": (False,),
    "use_cudnn": ("auto", True, False),
    "use_gate": (False,),
    "variance": (None,),
    "vocabulary_size": (ANY,),
    "zero_output_for_mask": (False,),
    "fill_mode": (ANY,),
    "fill_value": (ANY,),
}
"""By argument: its values without effect. `seed` moves random numbers in training alone, which no two generations of Keras draw alike; the
fills belong to `pad_to_aspect_ratio`, the clipping and momentum to `renorm`, which are refused where they are on; `count_weights` is a
call's; cuDNN computes the same."""


def does_nothing(key: str, value: object) -> bool:
    """Whether an argument has the value with which it may be left out."""
    values = NO_OP.get(key, ())
    return any(one is ANY or (type(one) is type(value) and one == value) or (one == value and isinstance(one, float)) for one in values)
