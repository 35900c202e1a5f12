"""What only Keras 3 has: classes that legacy Keras did not ship, and arguments that its layers did not take (Keras 3.15)."""

from __future__ import annotations

_LATER = {
    "AdaptiveAveragePooling1D": "output_size data_format",
    "AdaptiveAveragePooling2D": "output_size data_format",
    "AdaptiveAveragePooling3D": "output_size data_format",
    "AdaptiveMaxPooling1D": "output_size data_format",
    "AdaptiveMaxPooling2D": "output_size data_format",
    "AdaptiveMaxPooling3D": "output_size data_format",
    "AdditiveAttention": "score_mode seed",
    "AutoContrast": "value_range factor bounding_box_format data_format",
    "CenterCrop": "factor bounding_box_format",
    "ContrastLimitedAdaptiveHistogramEqualization": ("value_range clip_limit tile_grid_size factor bounding_box_format data_format"),
    "Conv1D": "lora_rank lora_alpha",
    "Conv2D": "lora_rank lora_alpha",
    "Conv3D": "lora_rank lora_alpha",
    "ConvLSTM1D": "unroll zero_output_for_mask",
    "ConvLSTM2D": "unroll zero_output_for_mask",
    "ConvLSTM3D": "unroll zero_output_for_mask",
    "CutMix": "factor seed bounding_box_format data_format",
    "Dense": "lora_rank lora_alpha quantization_config",
    "EinsumDense": "lora_rank lora_alpha gptq_unpacked_column_size quantization_config",
    "Embedding": "lora_rank lora_alpha quantization_config",
    "Equalization": "value_range bins factor bounding_box_format data_format",
    "GRU": "use_cudnn",
    "GroupQueryAttention": (
        "head_dim num_query_heads num_key_value_heads dropout use_bias flash_attention "
        "kernel_initializer bias_initializer kernel_regularizer bias_regularizer "
        "activity_regularizer kernel_constraint bias_constraint seed use_gate sliding_window"
    ),
    "GroupedQueryAttention": (
        "head_dim num_query_heads num_key_value_heads dropout use_bias flash_attention "
        "kernel_initializer bias_initializer kernel_regularizer bias_regularizer "
        "activity_regularizer kernel_constraint bias_constraint seed use_gate sliding_window"
    ),
    "InputLayer": "ragged",
    "LSTM": "use_cudnn",
    "LayerNormalization": "rms_scaling",
    "MelSpectrogram": (
        "fft_length sequence_stride sequence_length window sampling_rate num_mel_bins "
        "min_freq max_freq power_to_db top_db mag_exp min_power ref_power"
    ),
    "MixUp": "factor alpha seed bounding_box_format data_format",
    "MultiHeadAttention": "flash_attention sliding_window use_gate",
    "RMSNormalization": "axis epsilon",
    "RandomBrightness": "bounding_box_format data_format",
    "RandomColorDegeneration": "value_range factor seed bounding_box_format data_format",
    "RandomColorJitter": (
        "value_range brightness_factor contrast_factor saturation_factor hue_factor factor seed bounding_box_format data_format"
    ),
    "RandomContrast": "value_range bounding_box_format data_format",
    "RandomCrop": "factor bounding_box_format",
    "RandomElasticTransform": ("factor scale interpolation fill_mode fill_value value_range seed bounding_box_format data_format"),
    "RandomErasing": "factor scale fill_value value_range seed bounding_box_format data_format",
    "RandomFlip": "factor bounding_box_format",
    "RandomGaussianBlur": ("factor kernel_size sigma value_range seed bounding_box_format data_format"),
    "RandomGrayscale": "factor data_format seed bounding_box_format",
    "RandomHue": "factor value_range data_format seed bounding_box_format",
    "RandomInvert": "factor value_range seed bounding_box_format data_format",
    "RandomPerspective": ("factor scale interpolation fill_value seed bounding_box_format data_format"),
    "RandomPosterization": "factor value_range data_format seed bounding_box_format",
    "RandomRotation": "bounding_box_format",
    "RandomSaturation": "factor value_range data_format seed bounding_box_format",
    "RandomSharpness": "factor value_range data_format seed bounding_box_format",
    "RandomShear": ("x_factor y_factor interpolation fill_mode fill_value data_format seed factor bounding_box_format"),
    "RandomTranslation": "factor bounding_box_format",
    "RandomZoom": "factor bounding_box_format",
    "Resizing": "factor bounding_box_format",
    "ReversibleEmbedding": (
        "input_dim output_dim tie_weights embeddings_initializer embeddings_regularizer "
        "embeddings_constraint mask_zero reverse_dtype logit_soft_cap lora_rank lora_alpha "
        "quantization_config"
    ),
    "STFTSpectrogram": ("mode frame_length frame_step fft_length window periodic scaling padding expand_dims data_format"),
    "Solarization": ("addition_factor threshold_factor value_range seed factor bounding_box_format data_format"),
    "StringLookup": "oov_method vocabulary_dtype",
}
LATER = {name: frozenset(arguments.split()) for name, arguments in _LATER.items()}
"""By class."""
