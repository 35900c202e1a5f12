# mypy: disable-error-code="untyped-decorator"
"""The compiled search through numpy seeds: sixteen generators a vector, a tile of them in the cache.

A generator's first words need only the first and the 397th words of its state on (numpy, random/src/mt19937/mt19937.c: `mt19937_seed`,
`mt19937_gen`), so the state is not kept: the recurrence runs through, four steps a pass. Imports numba: load it lazily.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit
from numba.core import types
from numba.core.cgutils import get_or_insert_function
from numba.core.datamodel.models import PrimitiveModel
from numba.extending import intrinsic, register_model
from numba.np.arrayobj import make_array

LANES = 16
TILE = 256
"""Seeds at a time; callers give multiples of it."""
_OFFSET = 397
_I32 = ir.IntType(32)
_U32 = ir.VectorType(_I32, LANES)


class _Words(types.Type):
    """Sixteen uint32 lanes."""


WORDS = _Words("u32x16")


@register_model(_Words)
class _WordsModel(PrimitiveModel):
    def __init__(self, manager: Any, fe_type: Any) -> None:
        super().__init__(manager, fe_type, _U32)


@intrinsic
def _load(typingctx: Any, array: Any, index: Any) -> Any:
    """Sixteen elements of a flat uint32 array."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.load(_address(context, builder, signature, args), align=4)

    return WORDS(array, types.intp), codegen


@intrinsic
def _store(typingctx: Any, array: Any, index: Any, value: Any) -> Any:
    """Write sixteen elements of a flat uint32 array."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        builder.store(args[2], _address(context, builder, signature, args), align=4)
        return context.get_dummy_value()

    return types.void(array, types.intp, WORDS), codegen


@intrinsic
def _step(typingctx: Any, word: Any, index: Any) -> Any:
    """State word `index` from the one before it."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        mixed = builder.xor(args[0], builder.lshr(args[0], _splat(30)))
        return builder.add(builder.mul(mixed, _splat(1812433253)), _broadcast(builder, args[1]))

    return WORDS(WORDS, types.int64), codegen


@intrinsic
def _output(typingctx: Any, word: Any, following: Any, far: Any) -> Any:
    """The low 24 bits of the output made of state words i, i + 1 and i + 397: what `randint(10e6)` looks at."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        word, following, far = args
        joined = builder.or_(builder.and_(word, _splat(0x80000000)), builder.and_(following, _splat(0x7FFFFFFF)))
        odd = builder.sub(_splat(0), builder.and_(following, _splat(1)))
        y = builder.xor(far, builder.xor(builder.lshr(joined, _splat(1)), builder.and_(odd, _splat(0x9908B0DF))))
        y = builder.xor(y, builder.lshr(y, _splat(11)))
        y = builder.xor(y, builder.and_(builder.shl(y, _splat(7)), _splat(0x9D2C5680)))
        y = builder.xor(y, builder.and_(builder.shl(y, _splat(15)), _splat(0xEFC60000)))
        return builder.and_(builder.xor(y, builder.lshr(y, _splat(18))), _splat(0xFFFFFF))

    return WORDS(WORDS, WORDS, WORDS), codegen


@intrinsic
def _closer(typingctx: Any, nearest: Any, value: Any, target: Any) -> Any:
    """The smaller of `nearest` and value ^ target: zero from the first match on."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        distance = builder.xor(args[1], _broadcast(builder, args[2]))
        minimum = get_or_insert_function(builder.module, ir.FunctionType(_U32, [_U32, _U32]), f"llvm.umin.v{LANES}i32")
        return builder.call(minimum, [args[0], distance])

    return WORDS(WORDS, WORDS, types.int64), codegen


@intrinsic
def _any_zero(typingctx: Any, value: Any) -> Any:
    """Whether some lane is zero."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        flags = builder.icmp_unsigned("==", args[0], _splat(0))
        return builder.icmp_unsigned("!=", builder.bitcast(flags, ir.IntType(LANES)), ir.Constant(ir.IntType(LANES), 0))

    return types.boolean(WORDS), codegen


def _splat(value: int) -> Any:
    return ir.Constant(_U32, [value] * LANES)


def _broadcast(builder: Any, scalar: Any) -> Any:
    undefined = ir.Constant(_U32, ir.Undefined)
    first = builder.insert_element(undefined, builder.trunc(scalar, _I32), ir.Constant(_I32, 0))
    return builder.shuffle_vector(first, undefined, _splat(0))


def _address(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    array = make_array(signature.args[0])(context, builder, args[0])
    return builder.bitcast(builder.gep(array.data, [args[1]]), _U32.as_pointer())


@njit(inline="always")
def _advance(state, index, steps):
    """Move the whole tile from state word `index` to `index + steps`."""
    while steps >= 4:
        for at in range(0, TILE, LANES):
            word = _step(_step(_load(state, at), index + 1), index + 2)
            _store(state, at, _step(_step(word, index + 3), index + 4))
        index, steps = index + 4, steps - 4
    for extra in range(steps):
        for at in range(0, TILE, LANES):
            _store(state, at, _step(_load(state, at), index + extra + 1))


@njit(inline="always")
def _fill(first, words, state, head, values):
    """The first `words` outputs (low 24 bits) of seeds first .. first + TILE - 1, one row of TILE each."""
    for lane in range(TILE):
        state[lane] = head[lane] = np.uint32(first + lane)
    for index in range(words):
        for at in range(0, TILE, LANES):
            word = _step(_load(state, at), index + 1)
            _store(state, at, word)
            _store(head, (index + 1) * TILE + at, word)
    _advance(state, words, _OFFSET - words)
    for index in range(words):
        for at in range(0, TILE, LANES):
            far = _load(state, at)
            _store(values, index * TILE + at, _output(_load(head, index * TILE + at), _load(head, (index + 1) * TILE + at), far))
            _store(state, at, _step(far, _OFFSET + index + 1))


@njit(inline="always")
def _kernels_met(values, words, lane, targets, labels):
    """How many kernels' candidates are among the outputs of one seed (labels are bits of a set)."""
    met = np.int64(0)
    for index in range(words):
        value = np.int64(values[index * TILE + lane])
        place = np.searchsorted(targets, value)
        if place < targets.shape[0] and targets[place] == value:
            met |= labels[place]
    count = 0
    while met:
        met &= met - 1
        count += 1
    return count


@njit(nogil=True, cache=True, boundscheck=False)
def find_few(first, count, words, targets, labels, sieve, need, found):
    """Seeds first .. first + count - 1 whose outputs meet candidates of at least `need` kernels, by direct comparison.

    Returns:
        how many were written to `found`; more than it holds means that the rest is missing.
    """
    state, head, values = np.empty(TILE, np.uint32), np.empty((words + 1) * TILE, np.uint32), np.empty(words * TILE, np.uint32)
    hits = 0
    for start in range(first, first + count, TILE):
        _fill(start, words, state, head, values)
        for at in range(0, TILE, LANES):
            nearest = _load(head, at)
            nearest = _closer(_load(values, at), _load(values, at), targets[0])
            for t in range(targets.shape[0]):
                for index in range(words):
                    nearest = _closer(nearest, _load(values, index * TILE + at), targets[t])
            if _any_zero(nearest):
                for lane in range(at, at + LANES):
                    if _kernels_met(values, words, lane, targets, labels) >= need:
                        if hits < found.shape[0]:
                            found[hits] = start + lane
                        hits += 1
    return hits


@njit(nogil=True, cache=True, boundscheck=False)
def find_many(first, count, words, targets, labels, sieve, need, found):
    """As `find_few`, for many candidates: a byte for each value of the low bits tells what is worth a closer look."""
    state, head, values = np.empty(TILE, np.uint32), np.empty((words + 1) * TILE, np.uint32), np.empty(words * TILE, np.uint32)
    passed, low_bits = np.empty(TILE, np.uint8), np.uint32(sieve.shape[0] - 1)
    hits = 0
    for start in range(first, first + count, TILE):
        _fill(start, words, state, head, values)
        passed[:] = 0
        for index in range(words):
            for lane in range(TILE):
                passed[lane] += sieve[values[index * TILE + lane] & low_bits]
        for lane in range(TILE):
            if passed[lane] >= need and _kernels_met(values, words, lane, targets, labels) >= need:
                if hits < found.shape[0]:
                    found[hits] = start + lane
                hits += 1
    return hits
