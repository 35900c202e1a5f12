import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerfix.containers.jsons import decode, depth
from layerfix.errors import HostileError, ReadError

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(alphabet='ab[]{}"\\é'),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(alphabet='[]{}"\\'), inner, max_size=3),
    max_leaves=12,
)


def nesting(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max(map(nesting, value.values()), default=0)
    return 1 + max(map(nesting, value), default=0) if isinstance(value, list) else 0


@given(VALUES)
def test_depth_is_that_of_the_value(value):
    text = json.dumps(value)
    assert depth(text.encode()) == nesting(value)
    assert decode(text, "here") == value


def test_deep_json_is_refused_before_it_is_parsed():
    with pytest.raises(HostileError, match="100000 levels"):
        decode("[" * 100_000, "here")


def test_an_open_string_full_of_escapes_takes_linear_time():
    with pytest.raises(ReadError):
        decode('"' + '\\"' * 1_000_000, "here")
