from keras.layers import BatchNormalization, Conv1D, Layer


class GatedStack(Layer):
    """Gated convolutions kept in a list of dicts, with a BatchNormalization behind each; `depth` is not in the config."""

    def __init__(self, depth=2, **kwargs):
        super(GatedStack, self).__init__(**kwargs)
        self.depth = depth

    def build(self, input_shape):
        channels = input_shape[-1]
        self.blocks = []
        for i in range(self.depth):
            self.blocks.append({
                'value': Conv1D(channels, 3, padding='same', dilation_rate=2 ** i),
                'gate': Conv1D(channels, 3, padding='same', dilation_rate=2 ** i, activation='sigmoid'),
                'norm': BatchNormalization(),
            })
        super(GatedStack, self).build(input_shape)

    def call(self, x):
        for block in self.blocks:
            x = x + block['norm'](block['value'](x) * block['gate'](x))
        return x

    def compute_output_shape(self, input_shape):
        return input_shape
