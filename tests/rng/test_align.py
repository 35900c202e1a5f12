from layerfix.blueprint import Draw
from layerfix.rng.alignments import Alignment, Placed
from layerfix.rng.numpy_stream import Cursor


def alignment(*kernels: tuple[int, float]) -> Alignment:
    """Tracked kernels a, b, ... with an op seed and a z each."""
    placed = (
        Placed(Draw("seed", name, "", (name, "kernel:0")), Cursor(place), op_seed, z)
        for place, (name, (op_seed, z)) in enumerate(zip("abc", kernels, strict=False))
    )
    return Alignment(tuple(placed), True, (), True)


def test_a_kernel_that_remembers_its_own_op_seed_refutes_another_one() -> None:
    assert alignment((1, 6.5), (2, 20.0)).refutes(alignment((9, -0.8), (2, 20.0)), hypotheses=24)


def test_faint_differences_and_equal_op_seeds_refute_nothing() -> None:
    assert not alignment((1, 4.0), (2, 20.0)).refutes(alignment((9, 0.1), (2, 20.0)), hypotheses=24)
    assert not alignment((1, 9.0), (2, 20.0)).refutes(alignment((1, 9.0), (2, 20.0)), hypotheses=1)
    assert not alignment((1, -9.0)).refutes(alignment((2, 0.0)), hypotheses=1)
