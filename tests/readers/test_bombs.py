"""Hostile containers: bounded in memory and time, and never an exception."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import sys
import tracemalloc
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import brotli
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.model import Dump
from ingest.readers.compressed import zstd
from ingest.readers.files import dumps_of
from ingest.settings import Containers
from tests.patience import bounded_work
from tests.readers.packing import PAGE, found, http, read, tarred, warc_record, zipped

PAYLOAD = 1_000_000
GIGABYTE = 1_000_000_000
MEGABYTE = b"\x00" * 1_000_000


@contextmanager
def bounded(memory: int = 40_000_000) -> Iterator[None]:
    tracemalloc.start()
    try:
        with bounded_work():
            yield
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < memory


@pytest.fixture(scope="module")
def gigabyte() -> bytes:
    """A tar with one file of a gigabyte and one behind it, compressed a thousand to one."""
    target = io.BytesIO()
    whole = tarred({"a.txt": b"a"})[:1024]
    packer = gzip.GzipFile(fileobj=target, mode="wb", compresslevel=1)
    packer.write(whole)
    info = tarred({"bomb.txt": b""})[:512]
    head = bytearray(info)
    head[124:136] = b"%011o\x00" % GIGABYTE
    head[148:156] = b"        "
    head[148:156] = b"%06o\x00 " % sum(head[:512])
    packer.write(bytes(head))
    for _ in range(GIGABYTE // len(MEGABYTE)):
        packer.write(MEGABYTE)
    packer.write(bytes(-GIGABYTE % 512) + tarred({"z.txt": b"z"}))
    packer.close()
    return target.getvalue()


def test_a_gigabyte_in_a_tar(tmp_path: Path, gigabyte: bytes) -> None:
    with bounded():
        results = found(tmp_path / "d.tar.gz", gigabyte, payload_bytes=PAYLOAD)
    assert results == {"!a.txt": b"a", "!bomb.txt": "too-large", "": "too-large"}


def test_a_gigabyte_compressed_twice(tmp_path: Path, gigabyte: bytes) -> None:
    with bounded():
        assert (
            found(tmp_path / "d.tar.gz.gz", gzip.compress(gigabyte), payload_bytes=PAYLOAD)[""] == "too-large"
        )
        assert (
            found(tmp_path / "d.zip", zipped({"d.tgz": gigabyte}), payload_bytes=PAYLOAD)[""] == "too-large"
        )


def test_a_gigabyte_in_one_file(tmp_path: Path) -> None:
    packer = zstd.ZstdCompressor()
    packed = b"".join(packer.compress(MEGABYTE) for _ in range(1000)) + packer.flush()
    with bounded():
        assert found(tmp_path / "d.txt.zst", packed, payload_bytes=PAYLOAD) == {"!d.txt": "too-large"}
        assert found(tmp_path / "d.jsonl.zst", packed, payload_bytes=PAYLOAD)[""] == "too-large"
        assert found(tmp_path / "d.csv.zst", packed, payload_bytes=PAYLOAD)[""] == "too-large"
        assert found(tmp_path / "d.mbox.zst", packed, payload_bytes=PAYLOAD)[""] == "too-large"


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_files_that_expand_in_a_zip(tmp_path: Path, method: int) -> None:
    files = {f"{i}.txt": MEGABYTE * 30 for i in range(2)}
    packed = bytearray(zipped(files, method))
    with bounded(130_000_000):
        results = found(tmp_path / "d.zip", bytes(packed), payload_bytes=PAYLOAD)
    assert results == {"!0.txt": "too-large", "!1.txt": "too-large"}


def test_many_little_bombs_end_together(tmp_path: Path) -> None:
    little = gzip.compress(b"x" * 999_000)
    packed = zipped({f"{i:03}.txt.gz": little for i in range(300)})
    with bounded():
        (tmp_path / "d.zip").write_bytes(packed)
        reasons = [dump.fault[0] if dump.fault else "" for dump in _few(tmp_path / "d.zip")]
    assert reasons.count("") < 110
    assert reasons[-1] == "too-large"
    assert (
        len(found(tmp_path / "d.zip", packed, payload_bytes=PAYLOAD, containers=Containers(ratio=100_000)))
        == 300
    )


def _few(path: Path) -> Iterator[Dump]:
    """One at a time, as a run reads them."""
    yield from dumps_of([str(path)], payload_bytes=PAYLOAD)


def test_a_million_broken_lines_are_not_a_million_dead(tmp_path: Path) -> None:
    content = gzip.compress(b'{"text": "a"}\n' + b"x\n" * 1_000_000)
    (tmp_path / "d.jsonl.gz").write_bytes(content)
    reasons = Counter(dump.fault[0] if dump.fault else "" for dump in _few(tmp_path / "d.jsonl.gz"))
    assert reasons == {"": 1, "unreadable": 100_001}


def test_memory_is_that_of_one_member(tmp_path: Path) -> None:
    noise = random.Random(1).randbytes(500_000)  # noqa: S311
    files = {str(i): noise[i:] for i in range(100)}
    for name, packed in (("d.zip", zipped(files, zipfile.ZIP_STORED)), ("d.tar", tarred(files))):
        (tmp_path / name).write_bytes(packed)
        with bounded(5_000_000):
            assert sum(len(dump.payload or b"") for dump in _few(tmp_path / name)) > 49_000_000


RECORD = warc_record(block=http(brotli.compress(PAGE), "Content-Encoding: br"))
WHOLE = [
    zipped({"a.html": PAGE, "b.tgz": gzip.compress(tarred({"c.txt": b"c"}))}),
    zipped({"a.html": PAGE}, zipfile.ZIP_LZMA),
    tarred({"a.html": PAGE, "ж" * 80: b"b"}),
    gzip.compress(RECORD) * 2,
    RECORD * 2,
    bz2.compress(PAGE),
    lzma.compress(PAGE),
    zstd.compress(PAGE),
    b'{"text": "a", "id": 1}\n{"html": "b"}\n',
    b'[{"text": "a"}, {"text": "b"}]',
    b'id;text\n1;"a ""b"" c"\n',
    b"From a@b Mon Jan  1 00:00:00 2024\nContent-Type: text/html\n\n<p>x\n\n",
    b"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/html\n\na\n--x--\n",
    b"<rss version='2.0'><channel><title>t</title><item><title>a</title><description>b</description></item></channel></rss>",
    b'{"version": "https://jsonfeed.org/version/1", "items": [{"content_text": "a"}]}',
]
ENDINGS = [
    [
        ".zip",
        ".tar",
        ".tgz",
        ".tar.gz",
        ".tar.zst",
        ".gz",
        ".bz2",
        ".xz",
        ".zst",
        ".jsonl",
        ".json",
        ".csv",
        ".tsv",
        ".parquet",
        ".warc",
        ".warc.gz",
        ".mbox",
        ".eml",
        ".rss",
        ".xml",
    ],
    ["", ".html", ".txt", ".docx", ".jsonl.gz", ".csv.xz", ".parquet.gz"],
]
NAMES = st.sampled_from([f"d{ending}" for endings in ENDINGS for ending in endings])


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    content = bytearray(draw(st.sampled_from(WHOLE)))
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, max(0, len(content) - 1)))
        match draw(st.sampled_from(["change", "cut", "insert", "repeat"])):
            case "change" if content:
                content[at] = draw(st.integers(0, 255))
            case "cut":
                del content[at : at + draw(st.integers(1, 50))]
            case "insert":
                content[at:at] = draw(st.binary(max_size=20))
            case _:
                content += content[at : at + 200]
    return bytes(content)


@given(NAMES, damaged() | st.binary(max_size=2000))
@settings(max_examples=600, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_under_any_name_end_in_dumps_within_the_limits(
    tmp_path_factory: pytest.TempPathFactory, name: str, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / name
    path.write_bytes(content)
    dumps = read(path, payload_bytes=400)
    assert dumps, "nothing is lost in silence"
    assert dumps == read(path, payload_bytes=400)
    for dump in dumps:
        assert (dump.payload is None) == (dump.fault is not None)
        assert len(dump.payload or b"") <= 400
        assert dump.name.startswith(str(path))
        dump.name.encode()
        (dump.url or "").encode()
        (dump.source or "").encode()


@given(damaged())
@settings(max_examples=100)
def test_any_bytes_on_standard_input(content: bytes) -> None:
    before, sys.stdin = sys.stdin, io.TextIOWrapper(io.BytesIO(content))
    try:
        assert read("-", payload_bytes=400)
    finally:
        sys.stdin = before
