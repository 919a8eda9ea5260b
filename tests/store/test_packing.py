"""Payloads come back byte for byte, whichever revision packed them."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, update

from ingest.model import Dump
from ingest.store.packing import BROKEN, packed, unpacked
from ingest.store.payloads import dumps_in, receive
from ingest.store.schema import dumps
from ingest.store.transactions import reading, writing

PAYLOAD = "Das Wetter bleibt schön.\n".encode() * 200


@given(st.binary())
def test_back_and_forth(payload: bytes) -> None:
    assert unpacked(packed(payload)) == payload
    assert unpacked(zlib.compress(payload, 4)) == payload


@pytest.mark.parametrize(
    "kept", [b"", b"never packed", packed(PAYLOAD)[:-3], zlib.compress(PAYLOAD)[:-3]], ids=range(4)
)
def test_what_is_damaged_is_not_taken_for_a_payload(kept: bytes) -> None:
    with pytest.raises(BROKEN):
        unpacked(kept)


def test_a_store_of_an_earlier_revision_gives_its_payloads(engine: Engine) -> None:
    with writing(engine) as connection:
        receive(connection, [Dump("a" * 64, PAYLOAD, "a.txt", size=len(PAYLOAD))])
        connection.execute(update(dumps).values(payload=zlib.compress(PAYLOAD, 4)))
    with reading(engine) as connection:
        assert [dump.payload for dump in dumps_in(connection, ["a" * 64])] == [PAYLOAD]
