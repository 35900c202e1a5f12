"""Code that reaches further, runs for ever or is damaged: refused by a sentence, never run."""

import base64
import json
import marshal
import random
from pathlib import Path

import pytest

from layerfix.bytecode.errors import Inconsistent
from layerfix.bytecode.reading import read_function

FUNCTIONS = json.loads((Path(__file__).parent / "functions.json").read_text())


def read(source, **options):
    """Reads what this Python makes of a function's source."""
    scope: dict = {}
    exec(source, scope)
    return read_function(marshal.dumps(scope["f"].__code__), **options)


@pytest.mark.parametrize(
    ("body", "unsafe"),
    [
        ("import os; os.remove(PATH); return x", ("os", "import os")),
        ("return x if __import__('os').remove(PATH) else x", ("__import__",)),
        ("return eval('x')", ("eval",)),
        ("exec('1'); return x", ("exec",)),
        ("return open(PATH).read() and x", ("open",)),
        ("return x.__class__.__bases__", ("__bases__", "__class__")),
        ("import subprocess; subprocess.run(PATH); return x", ("subprocess", "import subprocess")),
        ("import mine; return mine.f(x)", ("import mine",)),
        ("return tf.py_function(x, [], 1)", ("py_function",)),
    ],
)
def test_what_reaches_beyond_arithmetic_is_named_and_not_run(tmp_path, body, unsafe):
    canary = tmp_path / "canary"
    canary.write_text("alive")
    found = read(f"def f(x):\n    {body.replace('PATH', repr(str(canary)))}\n")
    assert found.unsafe == unsafe
    assert found.expression is None or body.startswith("return tf.py_function")
    assert canary.read_text() == "alive"


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("for i in range(10**9): x = x + 1\n    return x", "loops more than"),
        ("n = 9\n    for i in range(9): n = n ** n\n    return x * n", "larger than any"),
        ("return [0] * 10**9", "more than 4096 items"),
        ("while True: x = x + 1", "takes more than"),
        ("a = []\n    a.append(a)\n    return a", "holds itself"),
        ("a = [x]\n    a.append(a)\n    return K.stack(a)", "holds itself"),
        ("for i in range(99): x = [x, x]\n    return x", "more than 12 deep"),
        ("for i in range(2000): x = x + 1\n    return x", "takes more than|more than 5000 parts"),
        ("def g(t): return g(t)\n    return g(x)", "too deeply"),
        ("return x * scale", "global 'scale', which the file does not hold"),
        ("return x if x > 0 else -x and undefined(x)", "global 'undefined'"),
        ("return '%s' % 1", "formats a text"),
        ("yield x", "generator"),
    ],
)
def test_what_goes_on_for_ever_or_depends_on_more_ends_in_a_sentence(body, problem):
    found = read(f"def f(x):\n    {body}\n")
    if found.expression is None:
        assert __import__("re").search(problem, found.problem), found.problem
    else:
        assert "2000" in body


def test_a_function_of_the_code_around_it_is_asked_for():
    scope: dict = {}
    exec("def outer(k):\n    return lambda x: x * k\n", scope)
    code = marshal.dumps(scope["outer"](2).__code__)
    assert "function around it" in read_function(code).problem
    assert read_function(code, closure=[2.5]).expression is not None


def test_mutants_are_read_or_refused_and_nothing_else():
    generator = random.Random(2018)
    streams = [base64.b64decode(code) for stored in FUNCTIONS.values() for code in stored["code"].values()]
    ends = {"read": 0, "refused": 0, "inconsistent": 0}
    for _ in range(4000):
        data = bytearray(generator.choice(streams))
        for _ in range(generator.choice((1, 1, 2, 8))):
            _mutate(data, generator)
        try:
            found = read_function(bytes(data))
            ends["read" if found.expression is not None else "refused"] += 1
        except Inconsistent:
            ends["inconsistent"] += 1
    assert sum(ends.values()) == 4000
    assert min(ends.values()) > 0


def _mutate(data, generator):
    place = generator.randrange(len(data))
    match generator.randrange(5):
        case 0:
            data[place] = generator.randrange(256)
        case 1:
            del data[max(1, place) :]
        case 2:
            data[place : place + 4] = generator.choice((b"\xff\xff\xff\x7f", b"\xff\xff\xff\xff", b"\0\0\0\x80"))
        case 3:
            data[place:place] = bytes(generator.randrange(256) for _ in range(4))
        case _:
            data[place] ^= 1 << generator.randrange(8)
