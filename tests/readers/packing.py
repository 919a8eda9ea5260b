"""Small containers, made by the tests."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ingest.model import Dump
from ingest.readers.files import dumps_of
from ingest.settings import Containers

LIMIT = 1000
PAGE = b"<html><body><p>The bridge stays closed.</p></body></html>"


def read(
    *inputs: str | Path,
    source: str | None = None,
    payload_bytes: int = LIMIT,
    containers: Containers | None = None,
) -> list[Dump]:
    given = [str(one) for one in inputs]
    return list(dumps_of(given, source=source, payload_bytes=payload_bytes, containers=containers))


def found(path: Path, content: bytes, **how: Any) -> dict[str, bytes | str | None]:
    """What a file with this content gives: for each dump, by its name, its bytes or the reason why it has none."""
    path.write_bytes(content)
    return results(read(path, **how), path)


def results(dumps: Iterable[Dump], path: Path) -> dict[str, bytes | str | None]:
    dumps = list(dumps)
    short = {
        dump.name.removeprefix(str(path)): dump.fault[0] if dump.fault else dump.payload for dump in dumps
    }
    assert len(short) == len(dumps), "names are apart"
    return short


def zipped(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return target.getvalue()


def tarred(files: Mapping[str, bytes], *others: tarfile.TarInfo, form: int = tarfile.PAX_FORMAT) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=form) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        for info in others:
            archive.addfile(info)
    return target.getvalue()


def warc_record(
    kind: str = "response",
    block: bytes = b"",
    url: str = "http://example.org/a",
    content_type: str = "application/http; msgtype=response",
    length: int | None = None,
) -> bytes:
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\nContent-Type: {content_type}\r\n"
        f"WARC-Record-ID: <urn:uuid:1>\r\nContent-Length: {len(block) if length is None else length}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


def http(body: bytes, *headers: str, status: str = "200 OK", media_type: str = "text/html") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {media_type}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body
