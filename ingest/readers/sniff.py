"""What a file is, by its first bytes and the ending of its name."""

from __future__ import annotations

import json
import re
import tarfile
from pathlib import PurePosixPath
from typing import Literal

from ingest.readers.compressed import Compression

HEAD = 8192  # bytes looked at

Kind = Literal["zip", "tar", "warc", "jsonl", "json", "csv", "parquet", "mbox", "mail", "feed"]

_COMPRESSIONS: tuple[tuple[bytes, Compression], ...] = (
    (rb"\x1f\x8b\x08", "gzip"),
    (rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)", "bzip2"),
    (rb"\xfd7zXZ\x00", "xz"),
    (rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18", "zstd"),
)
_BY_ENDING: dict[str, Kind] = {
    ".zip": "zip",
    ".tar": "tar",
    ".warc": "warc",
    ".wet": "warc",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".csv": "csv",
    ".tsv": "csv",
    ".parquet": "parquet",
    ".mbox": "mbox",
    ".eml": "mail",
    ".rss": "feed",
    ".atom": "feed",
}
_FULL_ENDINGS = {".tgz": ".tar", ".tbz2": ".tar", ".tbz": ".tar", ".txz": ".tar", ".tzst": ".tar"}
_PACKED_ENDINGS = frozenset({".gz", ".bz2", ".xz", ".zst", ".zstd"})
_PAGES = frozenset({".html", ".htm", ".xhtml"})

# Documents that are zip files inside: their parts are no pages.
_DOCUMENT = re.compile(
    rb"PK\x03\x04.{22}(?s:..)(?s:..)(?:\[Content_Types\]\.xml|mimetype|META-INF/|_rels/|AndroidManifest)",
    re.S,
)
_FEED = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]{0,300}>\s*)?(?:<\?[^>]{0,500}>\s*|<!--.{0,4000}?-->\s*|<!DOCTYPE[^>\[]{0,300}>\s*)*"
    rb"<(?:rss\b|rdf:RDF\b|(?:\w{1,20}:)?feed\b[^>]{0,2000}http://(?:www\.w3\.org/2005/Atom|purl\.org/atom))",
    re.S,
)
_MBOX = re.compile(rb"From \S+ [^\r\n]{0,100}\d{4}[^\r\n]{0,20}\r?\n[A-Za-z][A-Za-z0-9-]{0,60}:")
_OBJECT = re.compile(rb"(?:\xef\xbb\xbf)?\s*\{\s*\"[^\"\n]{1,100}\"\s*:")
_OBJECTS = re.compile(rb"(?:\xef\xbb\xbf)?\s*\[\s*\{\s*\"[^\"\n]{1,100}\"\s*:")


def compression_of(head: bytes) -> Compression | None:
    return next((kind for magic, kind in _COMPRESSIONS if re.match(magic, head)), None)


def unpacked_name(name: str) -> str:
    """The name without what says that it is compressed: "a.html.gz" was "a.html", "b.tgz" was "b.tar"."""
    ending = PurePosixPath(name).suffix
    if ending.lower() in _FULL_ENDINGS:
        return name[: -len(ending)] + _FULL_ENDINGS[ending.lower()]
    return name[: -len(ending)] if ending.lower() in _PACKED_ENDINGS else name


def kind_of(name: str, head: bytes) -> Kind | None:
    """The kind of container; None for what is a dump itself.  Compression is asked for before.

    Bytes that can be nothing else decide first, then the ending of the name.  Text is looked into only
    where no ending says what it is: a page or a flat text file stays one, whatever it begins with.
    """
    ending = PurePosixPath(name.rpartition("!")[2]).suffix.lower()
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return None if _DOCUMENT.match(head) and ending != ".zip" else "zip"
    if _is_tar(head):
        return "tar"
    if head.startswith(b"PAR1\x15"):
        return "parquet"
    if ending in _PAGES:
        return None
    if head.startswith((b"WARC/1.", b"WARC/0.")):
        return "warc"
    if kind := _BY_ENDING.get(ending):
        # An empty file of any kind is an empty dump.  Only a real feed is taken apart.
        return kind if head and (kind != "feed" or _FEED.match(head)) else None
    if ending == ".xml":
        return "feed" if _FEED.match(head) else None
    return _kind_of_nameless(head) if not ending else None


def _kind_of_nameless(head: bytes) -> Kind | None:
    if _FEED.match(head):
        return "feed"
    if _MBOX.match(head):
        return "mbox"
    if _OBJECTS.match(head):
        return "json"
    if _OBJECT.match(head):
        line, end, _ = head.strip().partition(b"\n")
        if not end and len(head) == HEAD:
            return "jsonl"
        try:
            json.loads(line)
        except (ValueError, RecursionError):
            return "json" if end else None
        return "jsonl"
    return None


def _is_tar(head: bytes) -> bool:
    if len(head) < tarfile.BLOCKSIZE or not any(head[: tarfile.BLOCKSIZE]):
        return False
    try:
        tarfile.TarInfo.frombuf(head[: tarfile.BLOCKSIZE], "utf-8", "surrogateescape")
    except (tarfile.HeaderError, ValueError):
        return False
    return True
