"""Small models around a user's custom layer, one function an architecture (legacy Keras, Python 3.6 and 3.7).

Each takes `user`, the module with the custom classes, and options of its case; `Denoising_layer` where nothing else is said.
Layers are called in the order in which a user would write them: that order is the order of the random draws.
"""

from keras.layers import (
    GRU,
    LSTM,
    Activation,
    BatchNormalization,
    Bidirectional,
    Concatenate,
    Conv1D,
    Conv2D,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    GlobalAveragePooling1D,
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
    Input,
    MaxPooling1D,
    MaxPooling2D,
    Reshape,
    TimeDistributed,
    add,
    concatenate,
)
from keras.models import Model, Sequential
from keras.regularizers import l2
from workbench import CLASSES, SIGNAL_LENGTH


def classify(x, **options):
    return Dense(CLASSES, activation="softmax", **options)(x)


def resnet(user, width=16, blocks=2, kernel=5, filters=("mean",), init="glorot_uniform", decay=0.0, dropout=0.0, names=None):
    """Convolution, BatchNormalization, ReLU and the custom layer, `blocks` times."""
    regularizer = l2(decay) if decay else None
    name = (lambda kind, i: {"name": names.format(kind=kind, i=i)}) if names else (lambda kind, i: {})
    signal = x = Input((SIGNAL_LENGTH, 1), **name("signal", 0))
    for i in range(blocks):
        x = Conv1D(width, kernel, padding="same", kernel_initializer=init, kernel_regularizer=regularizer, **name("conv", i))(x)
        x = Activation("relu", **name("relu", i))(BatchNormalization(**name("norm", i))(x))
        if dropout:
            x = Dropout(dropout, **name("dropout", i))(x)
        x = user.Denoising_layer(filter_type=filters[i % len(filters)], **name("denoise", i))(x)
    x = GlobalAveragePooling1D(**name("pool", 0))(BatchNormalization(**name("norm", blocks))(x))
    return Model(signal, classify(x, kernel_regularizer=regularizer, **name("classify", 0)))


def plain(user, width=16, kernel=5, filters=("mean",), init="glorot_uniform", before=0.0):
    """No BatchNormalization; Dropout before and behind the custom layer."""
    signal = Input((SIGNAL_LENGTH, 1))
    x = Conv1D(width, kernel, padding="same", activation="relu", kernel_initializer=init)(signal)
    if before:
        x = Dropout(before)(x)
    x = Dropout(0.2)(user.Denoising_layer(filter_type=filters[0])(x))
    x = Conv1D(2 * width, kernel, padding="same", activation="relu", kernel_initializer=init)(x)
    x = Flatten()(MaxPooling1D(4)(x))
    x = Dropout(0.3)(Dense(24, activation="relu", kernel_initializer=init)(x))
    return Model(signal, classify(x))


def initializers(user, width=24):
    """A different initializer in each tracked layer, orthogonal draws among them."""
    signal = Input((SIGNAL_LENGTH, 1))
    x = Conv1D(width, 5, padding="same", activation="relu", kernel_initializer="orthogonal")(signal)
    x = Conv1D(width, 3, padding="same", activation="relu", kernel_initializer="lecun_normal")(x)
    x = user.Denoising_layer(filter_type="mean")(x)
    x = Conv1D(width, 3, padding="same", activation="relu", kernel_initializer="he_uniform")(x)
    x = GlobalAveragePooling1D()(BatchNormalization()(x))
    x = Dense(20, activation="relu", kernel_initializer="random_normal")(x)
    return Model(
        signal, classify(Dense(16, activation="relu", kernel_initializer="random_uniform")(x), kernel_initializer="truncated_normal")
    )


def sequential(user, width=16, filters=("mean",), batch_norm=True, dropout=0.25):
    """Layers added one by one: every `add` builds, in order."""
    model = Sequential()
    model.add(Conv1D(width, 7, padding="same", activation="relu", input_shape=(SIGNAL_LENGTH, 1)))
    if dropout:
        model.add(Dropout(dropout))
    model.add(user.Denoising_layer(filter_type=filters[0]))
    if batch_norm:
        model.add(BatchNormalization())
    if dropout:
        model.add(Dropout(dropout))
    model.add(Conv1D(2 * width, 3, padding="same", activation="relu"))
    model.add(GlobalMaxPooling1D())
    model.add(Dense(CLASSES, activation="softmax"))
    return model


def nested(user, width=16, filters=("mean",)):
    """A functional encoder with a Sequential inside it, used as a layer of the whole model."""
    head = Sequential(name="head")
    head.add(Conv1D(width, 5, padding="same", activation="relu", input_shape=(SIGNAL_LENGTH, 1)))
    head.add(user.Denoising_layer(filter_type=filters[0]))
    head.add(BatchNormalization())
    inner = Input((SIGNAL_LENGTH, 1))
    encoder = Model(inner, Conv1D(width, 3, padding="same", activation="relu")(head(inner)), name="encoder")
    signal = Input((SIGNAL_LENGTH, 1))
    x = Conv1D(2 * width, 5, padding="same", activation="relu")(encoder(signal))
    return Model(signal, classify(GlobalAveragePooling1D()(x)))


def shared(user, width=16, filters=("mean",)):
    """One convolution and one custom layer, applied to two inputs."""
    left, right = Input((SIGNAL_LENGTH, 1)), Input((SIGNAL_LENGTH, 1))
    conv, denoise = Conv1D(width, 5, padding="same", activation="relu"), user.Denoising_layer(filter_type=filters[0])
    x = Concatenate()([denoise(conv(left)), denoise(conv(right))])
    x = Conv1D(width, 5, padding="same", activation="relu")(BatchNormalization()(x))
    return Model([left, right], classify(GlobalAveragePooling1D()(x)))


def branching(user, width=16):
    """The short branch is written first, the deep one after it: the file's order of layers is not the order of creation."""
    signal = Input((SIGNAL_LENGTH, 1))
    short = Conv1D(width, 9, padding="same", activation="relu")(signal)
    short = user.Denoising_layer(filter_type="mean")(short)
    deep = Conv1D(width, 3, padding="same", activation="relu")(signal)
    deep = BatchNormalization()(deep)
    deep = Conv1D(width, 3, padding="same", activation="relu")(deep)
    deep = user.Denoising_layer(filter_type="non_local_mean")(deep)
    deep = Conv1D(width, 3, padding="same", activation="relu")(BatchNormalization()(deep))
    x = Dropout(0.2)(BatchNormalization()(concatenate([deep, short])))
    return Model(signal, classify(GlobalAveragePooling1D()(x)))


def recurrent(user, width=16, units=12):
    """LSTM, custom layer, Bidirectional GRU: orthogonal draws on both sides of the hidden kernel."""
    signal = Input((SIGNAL_LENGTH, 1))
    x = MaxPooling1D(2)(Conv1D(width, 5, padding="same", activation="relu")(signal))
    x = LSTM(width, return_sequences=True)(x)
    x = user.Denoising_layer(filter_type="mean")(x)
    x = Bidirectional(GRU(units))(TimeDistributed(Dense(width, activation="relu"))(x))
    return Model(signal, classify(x))


def text(user, width=16, words=40, filters=("mean",), length=30):
    """Embedding and a convolution over words."""
    sentence = Input((length,))
    x = Dropout(0.1)(Embedding(words, width)(sentence))
    x = Conv1D(width, 3, padding="same", activation="relu")(x)
    x = BatchNormalization()(user.Denoising_layer(filter_type=filters[0])(x))
    x = GlobalMaxPooling1D()(Conv1D(width, 3, padding="same", activation="relu")(x))
    return Model(sentence, classify(Dense(16, activation="relu")(x)))


def image_beside(user, width=16):
    """A two-dimensional trunk beside the signal's."""
    image, signal = Input((12, 12, 1)), Input((SIGNAL_LENGTH, 1))
    a = GlobalMaxPooling2D()(Conv2D(width, 3, activation="relu")(Conv2D(width, 3, activation="relu")(image)))
    b = user.Denoising_layer(filter_type="mean")(Conv1D(width, 5, padding="same", activation="relu")(signal))
    b = GlobalMaxPooling1D()(Conv1D(width, 5, padding="same", activation="relu")(BatchNormalization()(b)))
    return Model([image, signal], classify(Dense(16, activation="relu")(concatenate([a, b]))))


def squeeze_excite(user, width=16, arguments=({},), batch_norm=True):
    """`SqueezeExcite` behind a convolution, once for each of `arguments`."""
    signal = x = Input((SIGNAL_LENGTH, 1))
    for given in arguments:
        x = user.SqueezeExcite(**given)(Conv1D(width, 5, padding="same", activation="relu")(x))
    x = Conv1D(32, 5, padding="same", activation="relu")(x)
    if batch_norm:
        x = BatchNormalization()(x)
    return Model(signal, classify(GlobalMaxPooling1D()(x)))


def denoise_and_squeeze(user, width=16, ratio=4):
    """Two custom classes in one model."""
    signal = Input((SIGNAL_LENGTH, 1))
    x = user.Denoising_layer(filter_type="mean")(Conv1D(width, 5, padding="same", activation="relu")(signal))
    x = user.SqueezeExcite(ratio=ratio, channels=width)(Conv1D(width, 3, padding="same", activation="relu")(BatchNormalization()(x)))
    return Model(signal, classify(GlobalAveragePooling1D()(BatchNormalization()(x))))


def gated(user, width=16, arguments=None, batch_norm=False):
    """`GatedStack` between two convolutions."""
    signal = Input((SIGNAL_LENGTH, 1))
    x = user.GatedStack(**(arguments or {}))(Conv1D(width, 5, padding="same", activation="relu")(signal))
    if batch_norm:
        x = BatchNormalization()(x)
    x = Conv1D(32, 5, padding="same", activation="relu")(x)
    return Model(signal, classify(GlobalAveragePooling1D()(x)))


def attention(user, width=16, arguments=None, batch_norm=False):
    """`RecurrentAttention` over a convolution's output."""
    signal = Input((SIGNAL_LENGTH, 1))
    x = MaxPooling1D(2)(Conv1D(width, 5, padding="same", activation="relu")(signal))
    x = user.RecurrentAttention(**(arguments or {}))(x)
    if batch_norm:
        x = BatchNormalization()(x)
    return Model(signal, classify(Dense(24, activation="relu")(x)))


def nested_dropout(user, width=16):
    """An encoder with Dropout inside: applying it to the whole model's input draws its seeds once more."""
    inner = Input((SIGNAL_LENGTH, 1))
    x = Dropout(0.1)(Conv1D(width, 5, padding="same", activation="relu")(inner))
    x = Dropout(0.2)(user.Denoising_layer(filter_type="mean")(Conv1D(width, 3, padding="same", activation="relu")(x)))
    encoder = Model(inner, x, name="encoder")
    signal = Input((SIGNAL_LENGTH, 1))
    x = BatchNormalization()(encoder(signal))
    x = user.Denoising_layer(filter_type="mean")(Conv1D(width, 5, padding="same", activation="relu")(x))
    return Model(signal, classify(GlobalAveragePooling1D()(BatchNormalization()(x))))


def recurrent_dropout(user, width=12):
    """An LSTM with both dropouts (eight seeds) in front of the custom layer, a GRU with one behind it."""
    signal = Input((SIGNAL_LENGTH, 1))
    x = MaxPooling1D(4)(Conv1D(width, 5, padding="same", activation="relu")(signal))
    x = LSTM(width, return_sequences=True, dropout=0.1, recurrent_dropout=0.1)(x)
    x = user.Denoising_layer(filter_type="mean")(Conv1D(width, 3, padding="same", activation="relu")(x))
    x = GRU(width, dropout=0.2)(x)
    return Model(signal, classify(Dense(16, activation="relu")(x)))


def time_distributed(user, width=12, windows=4):
    """An encoder with `SqueezeExcite` (`Denoising_layer` fails there: its `add` wants Keras tensors), applied to each window."""
    window = Input((SIGNAL_LENGTH // windows, 1))
    x = user.SqueezeExcite(channels=width)(Conv1D(width, 3, padding="same", activation="relu")(window))
    encoder = Model(window, GlobalMaxPooling1D()(Conv1D(width, 3, padding="same", activation="relu")(BatchNormalization()(x))))
    signal = Input((SIGNAL_LENGTH, 1))
    x = TimeDistributed(encoder)(Reshape((windows, SIGNAL_LENGTH // windows, 1))(signal))
    return Model(signal, classify(LSTM(width)(x)))


def image(user, width=12, size=1):
    """A two-dimensional network around `Denoise2D`."""
    picture = Input((12, 12, 1))
    x = user.Denoise2D(size=size)(Conv2D(width, 3, padding="same", activation="relu")(picture))
    x = MaxPooling2D()(BatchNormalization()(x))
    x = user.Denoise2D(size=size)(Conv2D(width, 3, padding="same", activation="relu")(x))
    return Model(picture, classify(GlobalMaxPooling2D()(BatchNormalization()(x))))


def residual(user, stages=(16, 24), filters=("mean",)):
    """A 1-D residual network: per stage two convolutions beside a shortcut, the custom layer behind their sum, then pooling."""
    signal = Input((SIGNAL_LENGTH, 1), name="signal")
    x = Activation("relu")(BatchNormalization()(Conv1D(stages[0], 7, padding="same")(signal)))
    for i, width in enumerate(stages):
        shortcut = Conv1D(width, 1, padding="same")(x)
        y = Activation("relu")(BatchNormalization()(Conv1D(width, 5, padding="same")(x)))
        y = BatchNormalization()(Conv1D(width, 5, padding="same")(y))
        x = user.Denoising_layer(filter_type=filters[i % len(filters)])(Activation("relu")(add([shortcut, y])))
        x = MaxPooling1D(2)(x)
    x = GlobalAveragePooling1D()(BatchNormalization()(x))
    return Model(signal, classify(Dropout(0.2)(x)))


def stock(user, width=16):
    """Stock layers alone, Dropout among them."""
    signal = Input((SIGNAL_LENGTH, 1))
    x = MaxPooling1D(2)(BatchNormalization()(Conv1D(width, 5, padding="same", activation="relu")(signal)))
    x = Dropout(0.2)(Bidirectional(LSTM(12))(x))
    return Model(signal, classify(Dense(16, activation="relu")(x)))


def stateless(user, width=16):
    """A custom layer without weights in front of an ordinary network."""
    signal = Input((SIGNAL_LENGTH, 1))
    x = Conv1D(width, 5, padding="same", activation="relu")(user.Standardize(epsilon=0.01)(signal))
    x = Conv1D(width, 5, padding="same", activation="relu")(Dropout(0.2)(BatchNormalization()(x)))
    return Model(signal, classify(GlobalMaxPooling1D()(x)))
