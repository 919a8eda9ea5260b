from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import UnusableDump
from ingest.readers.jsonvalues import values_of
from ingest.readers.streams import CHUNK
from ingest.settings import Containers
from tests.readers.packing import LIMIT, found, read

LINES = b"""\
{"text": "a", "url": "http://example.org/a", "id": 7, "source": "Daily", "published": "2024-01-01"}

{"html": "<p>b", "text": "not this", "media_type": null}
{"broken
["a list"]
{"title": "no text"}
{"text": ["no text"]}
{"text": "", "body": "c"}
{"text": ""}
{"TEXT": "d", "content_type": "text/html; charset=utf-8", "url": 5}
"""


def test_lines(tmp_path: Path) -> None:
    assert found(tmp_path / "d.jsonl", b"\xef\xbb\xbf" + LINES.rstrip()) == {
        ":1 (id 7)": b"a",
        ":3": b"<p>b",
        ":4": "unreadable",
        ":5": "unreadable",
        ":6": "unreadable",
        ":7": "unreadable",
        ":8": b"c",
        ":9": b"",
        ":10": b"d",
    }
    first, second, *_, last = read(tmp_path / "d.jsonl")
    assert (first.source, first.url, first.media_type) == ("Daily", "http://example.org/a", None)
    assert (second.source, second.url, second.media_type) == (tmp_path.name, None, "text/html")
    assert (last.url, last.media_type) == (None, "text/html; charset=utf-8")


def test_faults_say_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "d.jsonl").write_bytes(LINES)
    messages = [dump.fault[1] for dump in read(tmp_path / "d.jsonl") if dump.fault]
    assert "mend or drop this line" in messages[0]
    assert "'title'" in messages[2]
    assert "containers.text_fields" in messages[2]


@pytest.mark.parametrize("name", ["d.ndjson", "d.jsonl.gz", "d.json", "d", "d.json.gz"])
def test_other_names_of_the_same(tmp_path: Path, name: str) -> None:
    lines = b'{"text": "a"}\n{"text": "b"}\n'
    assert found(tmp_path / name, gzip.compress(lines) if name.endswith("gz") else lines) == {
        ":1": b"a",
        ":2": b"b",
    }


def test_field_names_are_settings(tmp_path: Path) -> None:
    names = Containers(
        text_fields=("story", "lead"), url_fields=("at",), source_fields=("from",), id_fields=("n",)
    )
    line = (
        b'{"story": "a", "at": "u", "from": "s", "n": "x y", "text": "not this", "media_type": "text/plain"}'
    )
    (tmp_path / "d.jsonl").write_bytes(line)
    (dump,) = read(tmp_path / "d.jsonl", containers=names)
    assert (dump.payload, dump.url, dump.source, dump.media_type) == (b"a", "u", "s", "text/plain")
    assert dump.name.endswith("d.jsonl:1 (id x y)")


def test_what_no_store_takes_is_kept_from_it(tmp_path: Path) -> None:
    (tmp_path / "d.jsonl").write_bytes(
        rb'{"text": "a\ud800", "url": "u\u0000", "source": "s\udfff", "id": "i\n"}'
    )
    (dump,) = read(tmp_path / "d.jsonl")
    assert (dump.payload, dump.url, dump.source) == (b"a?", None, r"s\xdfff")
    assert dump.name.endswith(r"(id i)")


@pytest.mark.parametrize("text", ["x" * (LIMIT + 1), "x" * 5_000_000])
def test_a_line_over_the_limit_costs_itself_alone(tmp_path: Path, text: str) -> None:
    lines = json.dumps({"text": text}).encode() + b'\n{"text": "b"}'
    assert found(tmp_path / "d.jsonl", lines) == {":1": "too-large", ":2": b"b"}
    assert found(tmp_path / "d.json", lines) == {":1": "too-large", ":2": b"b"}
    assert found(tmp_path / "e.json", b"[" + lines.replace(b"\n", b",") + b"]") == {
        ":1": "too-large",
        ":2": b"b",
    }


def test_every_text_within_the_limit_is_read_however_json_writes_it(tmp_path: Path) -> None:
    text = "ж" * (LIMIT // 2)
    for content in (json.dumps({"text": text}), json.dumps({"text": text}, ensure_ascii=False)):
        assert found(tmp_path / "d.jsonl", content.encode()) == {":1": text.encode()}


def test_a_list(tmp_path: Path) -> None:
    content = rb'[ {"text": "a, \"]}"}, {"text": tru}, 5, {"text": "b", "x": [{}, "}"]} ,{"text":"c"}] '
    result = {":1": b'a, "]}', ":2": "unreadable", ":3": "unreadable", ":4": b"b", ":5": b"c"}
    assert found(tmp_path / "d.json", content) == result
    assert found(tmp_path / "d", content) == result


def test_one_object_on_several_lines(tmp_path: Path) -> None:
    assert found(tmp_path / "d.json", b'{\n "text": "a",\n "url": "u"\n}\n') == {":1": b"a"}
    assert found(tmp_path / "d", b'{\n "text": "a",\n "url": "u"\n}\n') == {":1": b"a"}


def test_a_list_that_is_cut_off_or_goes_on(tmp_path: Path) -> None:
    assert found(tmp_path / "d.json", b'[{"text": "a"}, {"text": "b"') == {":1": b"a", "": "unreadable"}
    assert found(tmp_path / "d.json", b'[{"text": "a"}] x') == {":1": b"a", "": "unreadable"}
    assert found(tmp_path / "d.json", b'{"text": "a"}}') == {":1": b"a", "": "unreadable"}
    assert found(tmp_path / "d.json", b"5") == {":1": "unreadable"}
    assert found(tmp_path / "d.json", b"[]") == {"": "empty"}


def test_nested_too_deep(tmp_path: Path) -> None:
    deep = b'{"text": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"
    for name in ("d.jsonl", "d.json"):
        assert found(tmp_path / name, deep, payload_bytes=1_000_000) == {":1": "unreadable"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


class Trickle:
    """A stream that gives few bytes at a time."""

    def __init__(self, content: bytes, piece: int) -> None:
        self._left, self._piece = content, piece

    def read(self, size: int = -1, /) -> bytes:
        size = min(size, self._piece)
        data, self._left = self._left[:size], self._left[size:]
        return data


@given(st.lists(JSON, max_size=6), st.integers(1, 40), st.sampled_from([None, 1]), st.booleans())
def test_the_values_of_a_list_are_the_parsers(
    values: list[object], piece: int, indent: int, ascii: bool
) -> None:
    text = json.dumps(values, indent=indent, ensure_ascii=ascii).encode("utf-8", "replace")
    cut = values_of(Trickle(text, piece), CHUNK)
    assert [json.loads(value) for value in cut if value is not None] == json.loads(text)


@given(st.lists(st.dictionaries(st.text(), JSON), max_size=4), st.integers(1, 40))
def test_the_objects_one_after_the_other_are_the_parsers(values: list[object], piece: int) -> None:
    text = b"\n".join(json.dumps(value, indent=1).encode() for value in values)
    assert [json.loads(value or b"") for value in values_of(Trickle(text, piece), CHUNK)] == values


@given(st.text(alphabet='[]{},"\\ a1:\n'), st.integers(1, 5), st.integers(0, 8))
def test_any_text_ends(text: str, piece: int, limit: int) -> None:
    try:
        assert all(
            value is None or len(value) <= limit for value in values_of(Trickle(text.encode(), piece), limit)
        )
    except UnusableDump as error:
        assert error.reason == "unreadable"  # noqa: PT017  (either is right)
