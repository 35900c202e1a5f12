"""Functions that this Python compiles are followed to what it computes itself, or refused in words: never to anything else."""

from __future__ import annotations

import marshal
from typing import Any

import numpy as np
import pytest

from layerfix.bytecode.reading import read_function
from layerfix.model import Expression
from layerfix.reference.expressions import lambda_layer

X = np.array([[1.0, -2.0, 3.0], [4.0, 5.0, -6.0]])
EXPRESSIONS = """
x + 1
1 - x
x ** 2 - x * 3 / 4 // 2 % 5
-x + +x
x[:, 0]
x[..., -1:]
x[1]
x[0:1, ::2]
x[:, None]
(x > 0) & (x < 4)
(x > 0) | (x < -4)
~(x > 0)
sum([x, x, x])
x * len([1, 2, 3])
x * max(1, 2, 3) + min([4, 5])
x + abs(-3)
x + float("2") if False else x
x if 1 < 2 < 3 else -x
x if not (1 < 2 < 1) else -x
[i * x for i in range(3)][2]
sum([i * x for i in range(3) if i != 1])
(lambda y: y * 2)(x)
(lambda y, z=3: y * z)(x, z=4)
x * (3 if x.shape[1] == 3 else 4)
x * (1 and 2) + (0 or 5)
x * (2 if "a" in ("a", "b") else 3)
x + {"a": 1, "b": 2}["b"]
x + (1, 2, 3)[-1]
x + [1, 2, 3][1:][0]
x * 2 if x.shape[0] > 1 and x.shape[1] > 2 else x * 3
x * 2 if x.shape[0] > 5 or x.shape[1] > 2 else x * 3
x * (x.shape[0] == 2) + (x.shape[1] != 3)
(y := x * 2) + y
x + 0.1 + 0.2
x + (2 << 3) + (7 >> 1) + (6 ^ 3) + (6 & 3) + (6 | 1)
x + -7 // 2 + -7 % 3
x + True
x * [2] [0]
[x, x + 1][1]
(x, x + 1)[::-1][0]
x + len(x.shape)
x + x.shape[-1] / 2
x / x.shape[0]
x if x.shape[0] else -x
x + sum(range(5))
x + sum(range(1, 10, 3))
x + sum([a * b for a, b in zip([1, 2], [3, 4])])
x + sum([i * v for i, v in enumerate([5, 6, 7])])
x[[1, 0]]
x[(0, 1)]
x[x.shape[0] - 1]
x[-1, ...]
(x > 0) * x
x * (x > 0) + (x <= 0) * 0.1 * x
x == x
x != 3
2 ** x
1 / (1 + 2 ** -x)
x if None is None else 0
x if x is not None else 0
"""
FUNCTIONS = """
def f(x):
    y = x
    y += 1
    return x * y

def f(x):
    y = [x]
    y.append(x + 1)
    return y[0] * y[1]

def f(x):
    total = 0
    for i in range(4):
        if i == 1:
            continue
        if i == 3:
            break
        total = total + i * x
    return total

def f(x):
    total = 0
    for i in range(2):
        for j in range(3):
            total = total + (i + 1) * j * x
    return total

def f(x):
    total, i = x, 0
    while i < 3:
        total = total * 2 - i
        i += 1
    return total

def f(x):
    i = 0
    while True:
        i += 1
        if i > 4:
            return x * i

def f(x):
    for i in range(3):
        pass
    else:
        x = x + 10
    return x * i

def f(x):
    for i in range(3):
        if i == 1:
            break
    else:
        x = x + 10
    return x * i

def f(x):
    a, b = x[0], x[1]
    a, b = b, a
    return a - b

def f(x):
    a, (b, c) = 1, (2, 3)
    return x * a + b - c

def f(x):
    def g(y):
        return y * k
    k = 3
    return g(x)

def f(x):
    def g(y, n=2):
        if n == 0:
            return y
        return y * n
    return g(x) + g(x, 0) + g(x, n=3)

def f(x):
    n = x.shape[1]
    if n == 2:
        return x
    elif n == 3:
        return x * 2
    else:
        return x * 3

def f(x):
    y = x
    if x.shape[0] == 2:
        y = y + 1
    if x.shape[0] == 3:
        y = y + 2
    return y

def f(x):
    k = 1
    def g():
        nonlocal k
        k = k + 5
        return k
    g()
    return x * k

def f(x):
    y = x
    y *= 2
    y -= 1
    y /= 4
    y **= 2
    y //= 3
    y %= 2
    return y

def f(x):
    return [x * i for i in [1, 2, 3] if i % 2][-1]

def f(x):
    z = x
    for a, b in [(1, 2), (3, 4)]:
        z = z * a + b
    return z

def f(x):
    a = b = x + 1
    return a * b

def f(x):
    del_me = 3
    y = del_me * x
    del del_me
    return y

def f(x):
    l = [1, 2, 3]
    l += [4]
    return x * l[3] + len(l)

def f(x):
    l = [1, 2, 3]
    m = l
    m.append(9)
    return x * len(l)

def f(x):
    t = (1, 2)
    t += (3,)
    return x * t[-1]

def f(x):
    y = x if x.shape[0] == 2 else None
    return y if y is not None else x * 0

def f(x):
    return (x.shape[0] == 2 and x.shape[1] == 3) * x

def f(x):
    return x * (x.shape[0] == 7 or 3)

def f(x):
    return x * (not x.shape[0])

def f(x):
    i = 5
    r = [i for i in range(3)]
    return x * i + r[-1]

def f(x):
    def g(y):
        def h(z):
            return z + y
        return h(y)
    return g(x)

def f(x):
    first, last = x[:, :1], x[:, -1:]
    return (last - first) ** 2

def f(x):
    y = x
    for _ in range(2):
        y = y * 0.5 + x
    return y

def f(x):
    def g(a, b):
        return a - b
    return g(*[x, 1])

def f(x):
    def g(a, b):
        return a - b
    return g(**{"a": x, "b": 2})

def f(x):
    def g(a, *, b=4):
        return a - b
    return g(x, b=1) + g(x)

def f(x):
    y = 0
    if x.shape[0] > 1:
        if x.shape[1] > 5:
            y = 1
        else:
            y = 2
    return x + y

def f(x):
    l = [x]
    if x.shape[0] == 2:
        l.append(x * 2)
    else:
        l.append(x * 3)
    return l[1] + len(l)

def f(x):
    l = [x]
    m = l
    if x.shape[0] == 3:
        l.append(x * 2)
    m.append(x * 3)
    return m[1] + len(l)

def f(x):
    k = 1
    def g(y):
        return y * k
    if x.shape[0] == 2:
        k = 7
    return g(x)

def f(x):
    total = 0
    for i in range(3):
        if x.shape[1] == i:
            return x
        total = total + i
    return x * total

def f(x):
    if x.shape[0] == 2 and (x.shape[1] == 4 or x.shape[1] == 3):
        return x + 1
    return x + 2

def f(x):
    return x + (1 if x.shape[0] == 3 else 2 if x.shape[1] == 3 else 3)
"""
REFUSED = {
    "sum(i * x for i in range(3))": "it is a generator",
    "x + 'abc'.__len__()": "the method __len__ is not followed",
    "x + round(2.5)": "it uses the global 'round', which the file does not hold",
    "x + sum([v for v in reversed([1, 2])])": "it uses the global 'reversed', which the file does not hold",
    "x + sum([i for i, v in enumerate([5, 6], 1)])": "a function of Python is called with other arguments than it takes",
    "x if isinstance(x, list) else 2 * x": "it uses the global 'isinstance', which the file does not hold",
    "sum([x[:, i] for i in range(x.shape[1])])": "it counts to a number that only a call tells",
    "x * 2 ** 1000": "it computes with numbers larger than any",
    "x * ([1] * 5000)[0]": "it makes a list of more than 4096 items",
    "x + (1 / 0)": "it fails whenever it is called: division by zero",
    "x + [1, 2][5]": "it fails whenever it is called: list index out of range",
    "x + (x is 3)": "it asks whether two values are one object",
    "x + (2 in x)": "it asks whether a value is among tensors",
    "x + ('%d' % 3)": "it formats a text",
    "(lambda *a: a[0])(x)": "it takes any number of arguments",
    "(lambda y: y)(x, x)": "its arguments are not those that it is called with",
    "(lambda y, z: y)(x)": "nothing tells its argument 'z'",
    "x + len": "it computes with a function",
    "x + np": "np is used as a value",
    "x + x.nonsense": "it computes with a function",
    "x + x.mean()": "the method mean is not followed",
    "x * missing": "it uses the global 'missing', which the file does not hold",
}
"""What goes beyond what is followed, and what is said of it."""


def of(text: str) -> list[str]:
    return [line for line in text.strip().splitlines() if line]


def functions() -> dict[str, Any]:
    """By source, each function as this Python compiles it."""
    found = {}
    for block in FUNCTIONS.strip().split("\n\n"):
        scope: dict[str, Any] = {}
        exec(block, scope)
        found[block] = scope["f"]
    return found


COMPILED = functions()


def followed(function: Any) -> Any:
    read = read_function(marshal.dumps(function.__code__), defaults=function.__defaults__)
    assert read.problem == ""
    (found,) = lambda_layer(Expression(read.expression, 2), [X])
    return found


class Tensor(np.ndarray[Any, Any]):
    """An array that, like a tensor, never changes in place."""

    def _same(self, other: Any) -> Any:
        return NotImplemented

    __iadd__ = __isub__ = __imul__ = __itruediv__ = __ifloordiv__ = __imod__ = __ipow__ = _same


def computed(function: Any) -> Any:
    """By Python itself."""
    return np.asarray(function(X.copy().view(Tensor)), float)


@pytest.mark.parametrize("text", of(EXPRESSIONS))
def test_an_expression_is_followed_to_what_python_computes(text: str) -> None:
    function = eval(f"lambda x: {text}")
    np.testing.assert_allclose(followed(function), computed(function))


@pytest.mark.parametrize("source", list(COMPILED))
def test_a_function_is_followed_to_what_python_computes(source: str) -> None:
    np.testing.assert_allclose(followed(COMPILED[source]), computed(COMPILED[source]))


@pytest.mark.parametrize(("text", "told"), REFUSED.items())
@pytest.mark.filterwarnings("ignore::SyntaxWarning")
def test_what_is_not_followed_is_said(text: str, told: str) -> None:
    function = eval(f"lambda x: {text}")
    read = read_function(marshal.dumps(function.__code__))
    assert (read.expression, read.problem) == (None, told)


def test_what_is_done_after_an_error_is_not_guessed() -> None:
    """Which way it went depends on the release that it ran in."""
    scope: dict[str, Any] = {}
    exec("def f(x):\n    try:\n        return tf.math.log(x)\n    except AttributeError:\n        return tf.log(x) * 2", scope)
    read = read_function(marshal.dumps(scope["f"].__code__))
    assert read.expression is None
    assert read.problem in {
        "it catches errors, and the file does not tell whether it met one",
        "the instruction SETUP_FINALLY is not followed",
    }
