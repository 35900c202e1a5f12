"""`layerfix explain "MESSAGE"`: the error of an old or a new Keras, and the command."""

from __future__ import annotations

from pathlib import Path

import pytest

from layerfix.diagnose.messages import MESSAGES, recognised
from layerfix.errors import UsageError
from layerfix.report.catalogue import explain


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.example[:40])
def test_each_message_is_recognised_by_its_example(message):
    assert recognised(message.example)[0] == message


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("TypeError: __init__() got an unexpected keyword argument 'batch_shape'", "--for tf2.15"),
        ("ValueError: Unrecognized keyword arguments: ['optional']", "--for keras3.3"),
        ("SystemError: unknown opcode", "layerfix lambdas"),
        ("ValueError: Unknown layer: 'Functional'. Please ensure", "--for keras2.2.4"),
        ("OSError: Unable to synchronously open file (truncated file: eof = 9, sblock)", "layerfix salvage"),
    ],
)
def test_errors_as_people_meet_them_lead_to_a_command(text, command):
    assert command in explain(text)


def test_an_unknown_error_is_no_guess():
    with pytest.raises(UsageError, match="not known here"):
        explain("ZeroDivisionError: division by zero")


def test_the_page_names_every_message():
    page = (Path(__file__).parents[2] / "docs/going-back.md").read_text(encoding="utf-8")
    assert len(MESSAGES) >= 15
    assert [message.example for message in MESSAGES if message.example not in page] == []
