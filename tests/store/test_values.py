from __future__ import annotations

import sqlite3
from contextlib import closing

from hypothesis import given
from hypothesis import strategies as st

from ingest.store.values import portions, storable


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_storable_text_can_be_stored_and_good_text_is_spared(value: str) -> None:
    kept = storable(value)
    with closing(sqlite3.connect(":memory:")) as connection:
        assert connection.execute("SELECT ?", (kept,)).fetchone()[0] == kept
    assert "\x00" not in kept
    if "\x00" not in value and not any("\ud800" <= c <= "\udfff" for c in value):
        assert kept == value


@given(st.lists(st.integers()), st.integers(1, 7))
def test_portions_lose_nothing(values: list[int], size: int) -> None:
    pieces = list(portions(values, size))
    assert [value for piece in pieces for value in piece] == values
    assert all(1 <= len(piece) <= size for piece in pieces)
