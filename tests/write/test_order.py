from blueprints import SAMPLES, blueprint_of, lost_values

from layerfix.blueprint import WeightSpec
from layerfix.containers.reader import read
from layerfix.write.order import storage_order, training_order


def spec(name, layer, trainable=True):
    return WeightSpec("encoder", name, layer, name, (1,), "float32", None, trainable, False)


NESTED = [
    spec("conv/kernel", "encoder/conv"),
    spec("bn/gamma", "encoder/bn"),
    spec("bn/moving_mean", "encoder/bn", trainable=False),
    spec("dense/kernel", "encoder/dense"),
]


def test_a_nested_model_stores_what_trains_before_what_does_not():
    assert [s.name for s in storage_order(NESTED)] == ["conv/kernel", "bn/gamma", "dense/kernel", "bn/moving_mean"]


def test_a_frozen_layer_inside_counts_as_not_trained():
    assert [s.name for s in storage_order(NESTED, ["encoder/conv"])] == ["bn/gamma", "dense/kernel", "conv/kernel", "bn/moving_mean"]


def test_the_order_of_genuine_files_is_reproduced():
    for name in ("nested-mean", "resnet-mean", "shared-nonlocal"):
        checkpoint = read(SAMPLES / f"{name}.h5")
        blueprint, _ = blueprint_of(checkpoint, lost_values(name))
        assert [spec.key for spec in blueprint.weights if not spec.hidden] == [weight.key for weight in checkpoint.weights]


def test_training_order_fits_the_slots_of_genuine_files():
    for name in ("nested-mean", "resnet-mean", "unseeded-batchnorm"):
        checkpoint = read(SAMPLES / f"{name}.h5")
        blueprint, _ = blueprint_of(checkpoint, lost_values(name))
        tracked = [spec for spec in blueprint.weights if not spec.hidden]
        assert checkpoint.optimizer is not None
        slots = checkpoint.optimizer.weights[1 : 1 + len(training_order(checkpoint, tracked))]
        assert [weight.shape for weight in slots] == [spec.shape for spec in training_order(checkpoint, tracked)]
