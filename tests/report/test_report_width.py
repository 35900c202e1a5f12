"""Text fits a narrow terminal, and is the same in every pipe."""

from __future__ import annotations

from layerfix.report.ink import Ink, fitted

SENTENCE = "The weights of this layer were drawn once and never saved, so that they have to be found again. " * 3
ROWS = [("~ batch_normalization_1/moving_mean:0", "changed", "16 float32, max |Δ| 0.00491, mean 0.00251, cosine 0.088669")] * 2


def lines(columns: int | None) -> list[str]:
    with fitted(columns):
        ink = Ink()
        ink.prose(SENTENCE, indent=2, mark="- ")
        ink.columns(ROWS)
        ink.line(("models/" + "long/" * 8 + "resnet.h5", "strong"), "  ", ("with lost weights", "bad"), "  Keras 2.2.4, keras-hdf5")
        return ink.document(color=False).splitlines()


def test_no_line_is_longer_than_a_narrow_terminal() -> None:
    assert max(map(len, lines(72))) <= 72


def test_folding_loses_no_word() -> None:
    assert " ".join(lines(64)).split() == " ".join(lines(None)).split()


def test_prose_stops_at_110_columns_on_a_wide_terminal_and_does_not_go_below_60() -> None:
    assert lines(300) == lines(110)
    assert lines(20) == lines(60)


def test_a_pipe_gets_prose_at_110_columns_and_every_row_on_one_line() -> None:
    piped = lines(None)
    assert sum("batch_normalization_1" in line and "cosine" in line for line in piped) == 2
    assert 100 < max(len(line) for line in piped if "weights of" in line) <= 110


def test_the_fit_ends_with_its_block() -> None:
    before = lines(None)
    lines(60)
    assert lines(None) == before
