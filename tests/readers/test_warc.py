from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import brotli
import pytest

from ingest.readers.compressed import zstd
from tests.readers.packing import LIMIT, PAGE, found, http, read, warc_record

RECORDS = [
    warc_record("warcinfo", b"software: x", content_type="application/warc-fields"),
    warc_record("request", b"GET / HTTP/1.1\r\n\r\n", content_type="application/http; msgtype=request"),
    warc_record(block=http(PAGE, media_type="text/html; charset=gb2312")),
    warc_record(block=http(b"gone", status="404 Not Found")),
    warc_record(block=http(b"elsewhere", status="301 Moved")),
    warc_record(block=http(b"\x89PNG", media_type="image/png")),
    warc_record("resource", b"flat", url="<http://example.org/b>", content_type="text/plain"),
    warc_record("metadata", b"x", content_type="text/html"),
    warc_record("revisit", http(b"")),
    warc_record(block=b"127.0.0.1", url="dns:example.org", content_type="text/dns"),
    warc_record("conversion", "Brücke".encode(), content_type="text/plain"),
]


@pytest.mark.parametrize("name", ["d.warc", "d.warc.gz", "d.wet", "d", "d.txt", "d.warc.zst"])
def test_pages_and_texts(tmp_path: Path, name: str) -> None:
    pack = {"gz": gzip.compress, "st": zstd.compress}.get(name[-2:], bytes)
    content = b"".join(pack(record) for record in RECORDS)
    assert found(tmp_path / name, content) == {":3": PAGE, ":7": b"flat", ":11": "Brücke".encode()}
    dumps = read(tmp_path / name)
    assert [dump.url for dump in dumps] == [
        "http://example.org/a",
        "http://example.org/b",
        "http://example.org/a",
    ]
    assert [dump.media_type for dump in dumps] == ["text/html; charset=gb2312", "text/plain", "text/plain"]


def chunked(body: bytes) -> bytes:
    pieces = [body[i : i + 20] for i in range(0, len(body), 20)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(PAGE, mtime=0)),
        ("x-gzip", gzip.compress(PAGE, mtime=0)),
        ("deflate", zlib.compress(PAGE)),
        ("deflate", raw_deflate(PAGE)),
        ("br", brotli.compress(PAGE)),
        ("zstd", zstd.compress(PAGE)),
        ("gzip, br", brotli.compress(gzip.compress(PAGE, mtime=0))),
        ("identity", PAGE),
        ("gzip", PAGE),  # taken apart by the archiver, which left the header
        ("br", PAGE),
    ],
)
def test_encoded_and_chunked_bodies(tmp_path: Path, encoding: str, body: bytes) -> None:
    plain = warc_record(block=http(body, f"Content-Encoding: {encoding}"))
    parted = warc_record(
        block=http(chunked(body), f"Content-Encoding: {encoding}", "Transfer-Encoding: chunked")
    )
    lying = warc_record(block=http(PAGE, "Transfer-Encoding: chunked"))
    assert found(tmp_path / "d.warc", plain + parted + lying) == {":1": PAGE, ":2": PAGE, ":3": PAGE}


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress, brotli.compress, zstd.compress])
def test_encoded_bodies_over_the_limit_or_damaged(tmp_path: Path, pack: object) -> None:
    assert callable(pack)
    names = {gzip.compress: "gzip", zlib.compress: "deflate", brotli.compress: "br", zstd.compress: "zstd"}
    header = f"Content-Encoding: {names[pack]}"
    bodies = [
        pack(b"x" * LIMIT),
        pack(b"x" * (LIMIT + 1)),
        pack(b"x" * 50_000_000),
        pack(bytes(range(250)))[:-6],
    ]
    content = b"".join(warc_record(block=http(body, header)) for body in bodies)
    assert found(tmp_path / "d.warc", content) == {
        ":1": b"x" * LIMIT,
        ":2": "too-large",
        ":3": "too-large",
        ":4": "unreadable",
    }


def test_records_with_faults_cost_themselves_alone(tmp_path: Path) -> None:
    good = warc_record(block=http(b"good"))
    content = b"".join(
        [
            warc_record(block=http(b"x" * 2_000_000)),
            warc_record(block=b"no HTTP"),
            warc_record(block=http(b"ffff\r\ncut", "Transfer-Encoding: chunked")),
            warc_record(block=http(b"x", "Content-Encoding: rot13")),
            good,
        ]
    )
    assert found(tmp_path / "d.warc", content) == {
        ":1": "too-large",
        ":2": "unreadable",
        ":3": "unreadable",
        ":4": "unreadable",
        ":5": b"good",
    }


def test_after_damage_it_goes_on_at_the_next_record(tmp_path: Path) -> None:
    good = warc_record(block=http(b"good"))
    garbage = b"garbage\r\nmore\r\n"
    assert found(tmp_path / "d.warc", good + garbage + good) == {
        ":1": b"good",
        ":2": "unreadable",
        ":3": b"good",
    }
    short = warc_record(block=http(b"long body"), length=30)
    assert found(tmp_path / "d.warc", short + good)[":3"] == b"good"
    nothing = b"WARC/1.0\r\nWARC-Type: response\r\n\r\n"
    assert found(tmp_path / "d.warc", nothing + good) == {":1": "unreadable", ":2": b"good"}


def test_cut_off(tmp_path: Path) -> None:
    content = b"".join(RECORDS)
    for size in range(1, 2200, 97):
        results = found(tmp_path / "d.warc", content[:size])
        assert "unreadable" in results.values() or size < 600 or len(results) < 4
        assert {":3": PAGE}.items() <= results.items() or size < 1200
    assert found(tmp_path / "d.warc", content[:-8]) == {":3": PAGE, ":7": b"flat", ":11": "unreadable"}


def test_a_header_without_end_is_not_held(tmp_path: Path) -> None:
    content = b"WARC/1.0\r\n" + b"x: y\r\n" * 300_000 + RECORDS[2]
    assert PAGE in found(tmp_path / "d.warc", content).values()
    assert "unreadable" in found(tmp_path / "d.warc", b"WARC/1.0\r\n" + b"x" * 3_000_000).values()
