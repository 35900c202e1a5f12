"""Explicit vectors for numba: eight 64-bit lanes, or the same 512 bits as sixteen floats.

Numba's own vectoriser widens 32-bit arithmetic and prefers half registers on many processors. These few operations emit vector code
directly; a processor without 512-bit registers gets the same results from several narrower ones. Imports numba: load it lazily.
"""

# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

import math
from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.core.cgutils import get_or_insert_function
from numba.core.datamodel.models import PrimitiveModel
from numba.extending import intrinsic, register_model
from numba.np.arrayobj import make_array

LANES = 8
_SQRT_HALF = 0x3F3504F3
_I32 = ir.IntType(32)
_U64 = ir.VectorType(ir.IntType(64), LANES)
_U32 = ir.VectorType(_I32, 2 * LANES)
_F32 = ir.VectorType(ir.FloatType(), 2 * LANES)


class _Integers(types.Type):
    """Eight uint64 lanes."""


class _Floats(types.Type):
    """Sixteen float32 lanes."""


INTEGERS, FLOATS = _Integers("u64x8"), _Floats("f32x16")


@register_model(_Integers)
class _IntegersModel(PrimitiveModel):
    def __init__(self, manager: Any, fe_type: Any) -> None:
        super().__init__(manager, fe_type, _U64)


@register_model(_Floats)
class _FloatsModel(PrimitiveModel):
    def __init__(self, manager: Any, fe_type: Any) -> None:
        super().__init__(manager, fe_type, _F32)


@intrinsic
def broadcast(typingctx: Any, scalar: Any) -> Any:
    """A uint64 in every lane."""
    return INTEGERS(types.uint64), lambda context, builder, signature, args: _broadcast(builder, args[0])


@intrinsic
def load(typingctx: Any, array: Any, index: Any) -> Any:
    """Lanes from `index` on of a flat array, uint64 or float32."""
    result = INTEGERS if array.dtype == types.uint64 else FLOATS

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        place = _address(context, builder, signature, args)
        return builder.load(place, align=4)

    return result(array, types.intp), codegen


@intrinsic
def store(typingctx: Any, array: Any, index: Any, value: Any) -> Any:
    """Write all lanes to a flat float32 array from `index` on."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        builder.store(args[2], _address(context, builder, signature, args), align=4)
        return context.get_dummy_value()

    return types.void(array, types.intp, FLOATS), codegen


@intrinsic
def multiply(typingctx: Any, a: Any, b: Any) -> Any:
    """Product of the low halves: 32 x 32 -> 64 bits."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.mul(builder.and_(args[0], _splat(0xFFFFFFFF)), builder.and_(args[1], _splat(0xFFFFFFFF)))

    return INTEGERS(INTEGERS, INTEGERS), codegen


@intrinsic
def high(typingctx: Any, a: Any) -> Any:
    """The high halves, moved down."""
    return INTEGERS(INTEGERS), lambda context, builder, signature, args: builder.lshr(args[0], _splat(32))


@intrinsic
def xor(typingctx: Any, a: Any, b: Any) -> Any:
    """Exclusive or."""
    return INTEGERS(INTEGERS, INTEGERS), lambda context, builder, signature, args: builder.xor(args[0], args[1])


@intrinsic
def pack(typingctx: Any, low_word: Any, high_word: Any) -> Any:
    """Floats in [1, 2) from the low 23 bits of two words: even lanes from the first, odd lanes from the second."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        # A shuffle, because LLVM would merge a shift into the multiplication before it and make that slow.
        words = [builder.bitcast(arg, _U32) for arg in args]
        chosen = [lane + 2 * LANES * side for lane in range(0, 2 * LANES, 2) for side in (0, 1)]
        both = builder.shuffle_vector(*words, ir.Constant(_U32, chosen))
        return builder.bitcast(builder.or_(builder.and_(both, _splat32(0x007FFFFF)), _splat32(0x3F800000)), _F32)

    return FLOATS(INTEGERS, INTEGERS), codegen


@intrinsic
def as_floats(typingctx: Any, a: Any) -> Any:
    """The same bits as floats."""
    return FLOATS(INTEGERS), lambda context, builder, signature, args: builder.bitcast(args[0], _F32)


@intrinsic
def as_integers(typingctx: Any, a: Any) -> Any:
    """The same bits as integers."""
    return INTEGERS(FLOATS), lambda context, builder, signature, args: builder.bitcast(args[0], _U64)


@intrinsic
def multiply_add(typingctx: Any, a: Any, b: Any, c: Any) -> Any:
    """a * b + c."""
    return FLOATS(FLOATS, FLOATS, FLOATS), lambda context, builder, signature, args: _fma(builder, *args)


@intrinsic
def multiply_floats(typingctx: Any, a: Any, b: Any) -> Any:
    """a * b."""
    return FLOATS(FLOATS, FLOATS), lambda context, builder, signature, args: builder.fmul(args[0], args[1])


@intrinsic
def where_large(typingctx: Any, a: Any, yes: Any, no: Any) -> Any:
    """`yes` in the lanes where |a| >= 2, `no` elsewhere."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.select(builder.fcmp_ordered(">=", _call(builder, "fabs", args[0]), _splat_float(2.0)), args[1], args[2])

    return FLOATS(FLOATS, FLOATS, FLOATS), codegen


@intrinsic
def radius(typingctx: Any, a: Any) -> Any:
    """sqrt(-2 ln u) of Box-Muller for u = a - 1 in [0, 1), u at least 1e-7, to about 1e-5."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        u, least = builder.fsub(args[0], _splat_float(1.0)), _splat_float(1e-7)
        u = builder.select(builder.fcmp_ordered(">", u, least), u, least)
        return _call(builder, "sqrt", builder.fmul(_splat_float(-2.0), _log(builder, u)))

    return FLOATS(FLOATS), codegen


@intrinsic
def sine(typingctx: Any, a: Any) -> Any:
    """sin(2 pi u) for u = a - 1 in [0, 1), to about 1e-5: -sin(2 pi t) with t = a - 1.5."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return _sine(builder, builder.fsub(_splat_float(1.5), args[0]))

    return FLOATS(FLOATS), codegen


@intrinsic
def cosine(typingctx: Any, a: Any) -> Any:
    """cos(2 pi u) for u = a - 1 in [0, 1), to about 1e-5: sin(2 pi (|t| - 1/4)) with t = a - 1.5."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        t = builder.fadd(args[0], _splat_float(-1.5))
        return _sine(builder, builder.fadd(_call(builder, "fabs", t), _splat_float(-0.25)))

    return FLOATS(FLOATS), codegen


def _sine(builder: Any, t: Any) -> Any:
    """sin(2 pi t) for |t| <= 1/2, as t times a polynomial in its square."""
    terms = _fit(lambda square: 2 * np.pi * np.sinc(2 * np.sqrt(square)), 0.0, 0.25, 5)
    return builder.fmul(t, _polynomial(builder, builder.fmul(t, t), terms))


def _log(builder: Any, u: Any) -> Any:
    """Natural logarithm of a positive float: its exponent, and a polynomial for the mantissa in [sqrt 1/2, sqrt 2)."""
    offset = builder.sub(builder.bitcast(u, _U32), _splat32(_SQRT_HALF))
    exponent = builder.sitofp(builder.ashr(offset, _splat32(23)), _F32)
    mantissa = builder.bitcast(builder.add(builder.and_(offset, _splat32(0x7FFFFF)), _splat32(_SQRT_HALF)), _F32)
    x = builder.fsub(mantissa, _splat_float(1.0))
    terms = _fit(lambda x: np.log1p(x) / x, math.sqrt(0.5) - 1, math.sqrt(2) - 1, 6)
    return _fma(builder, exponent, _splat_float(math.log(2)), builder.fmul(x, _polynomial(builder, x, terms)))


def _fit(function: Any, low: float, high: float, degree: int) -> list[float]:
    """Power coefficients of the polynomial through the function's Chebyshev points."""
    nodes = np.polynomial.Chebyshev.interpolate(function, degree, domain=[low, high])
    return [float(term) for term in nodes.convert(kind=np.polynomial.Polynomial).coef]


def _polynomial(builder: Any, x: Any, terms: list[float]) -> Any:
    value = _splat_float(terms[-1])
    for term in reversed(terms[:-1]):
        value = _fma(builder, value, x, _splat_float(term))
    return value


def _fma(builder: Any, a: Any, b: Any, c: Any) -> Any:
    return _call(builder, "fmuladd", a, b, c)


def _call(builder: Any, name: str, *values: Any) -> Any:
    signature = ir.FunctionType(_F32, [_F32] * len(values))
    function = get_or_insert_function(builder.module, signature, f"llvm.{name}.v{2 * LANES}f32")
    return builder.call(function, values)


def _broadcast(builder: Any, scalar: Any) -> Any:
    undefined = ir.Constant(_U64, ir.Undefined)
    first = builder.insert_element(undefined, scalar, ir.Constant(_I32, 0))
    return builder.shuffle_vector(first, undefined, ir.Constant(ir.VectorType(_I32, LANES), [0] * LANES))


def _address(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    array = make_array(signature.args[0])(context, builder, args[0])
    vector = _U64 if signature.args[0].dtype == types.uint64 else _F32
    return builder.bitcast(builder.gep(array.data, [args[1]]), vector.as_pointer())


def _splat(value: int) -> Any:
    return ir.Constant(_U64, [value] * LANES)


def _splat32(value: int) -> Any:
    return ir.Constant(_U32, [value] * (2 * LANES))


def _splat_float(value: float) -> Any:
    return ir.Constant(_F32, [float(np.float32(value))] * (2 * LANES))  # LLVM takes float constants only where they are exact
