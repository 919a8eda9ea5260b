"""Bytes to text: media type, encoding, and the few repairs without which the text is unreadable."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

import ftfy
from ftfy.badness import is_bad
from resiliparse.parse.encoding import detect_encoding, detect_mime

from ingest.errors import UnusableDump

HTML = "text/html"
PLAIN = "text/plain"
_HTML_TYPES = {HTML, "application/xhtml+xml"}
_SNIFFED_TYPES = {"", "application/octet-stream", "binary/octet-stream", "application/x-unknown"}

# A payload is binary where more than this share of its sampled bytes are control characters
# that no text encoding of people's texts uses.
BINARY_SHARE = 0.05
# Text is given up as undecodable where more than this share of its characters came out as U+FFFD.
UNDECODABLE_SHARE = 0.1
_SAMPLE = 65_536  # bytes looked at for sniffing

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROL_BYTES = bytes(b for b in range(32) if b not in b"\t\n\r\x0b\x0c\x1b\x1c\x1d\x1e\x1f") + b"\x7f"
_HTML_START = re.compile(
    r"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.I | re.S,
)
# Block elements only: flat text may well carry <b> and <a>, and its lines are lost when read as HTML.
_BLOCK_TAG = re.compile(
    r"</?(?:p|div|br|ul|ol|li|table|tr|td|h[1-6]|section|article|blockquote|figure|script|style)\b[^<>]{0,500}>",
    re.I,
)
_CHARSET = re.compile(rb"""<meta[^>]{0,300}?charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{2,40})""", re.I)
_FOREIGN = re.compile("[^\x00-\x7f][^a-z]*")
_BADNESS = 8  # characters; the longest sequence that ftfy calls bad has 7
_NUL_OR_SURROGATE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Decoded:
    text: str
    media_type: str  # text/html or text/plain
    encoding: str | None
    repairs: tuple[str, ...]


def decode(payload: bytes | str, media_type: str | None = None) -> Decoded:
    """The text of a payload.

    Spared: everything but what cannot be stored or read.  NUL characters and lone surrogates
    become U+FFFD one for one; lines with mojibake are mended (ftfy's method, encoding errors only);
    a byte-order mark belongs to the encoding and is not text.  Every repair is named in `repairs`.

    Raises UnusableDump: ``binary``, ``undecodable``, ``unsupported``.
    """
    declared, charset = _content_type(media_type)
    repairs: list[str] = []
    encoding: str | None = None
    if isinstance(payload, bytes):
        text, encoding = _decode_bytes(payload, charset)
        if "\ufffd" in text:
            broken = text.count("\ufffd")
            if broken > UNDECODABLE_SHARE * len(text):
                raise UnusableDump(
                    "undecodable",
                    f"{broken} of {len(text)} characters are not {encoding} or any other encoding we know; convert the file to UTF-8",
                )
            if "\ufffd".encode() not in payload:
                repairs.append("undecodable-bytes")
    else:
        text = payload.removeprefix("\ufeff")
    # UTF-8, as Python reads it, lets no surrogate through
    if ("\x00" in text or encoding != "utf-8") and (bad := set(_NUL_OR_SURROGATE.findall(text))):
        text = _NUL_OR_SURROGATE.sub("\ufffd", text)
        repairs += ["nul"] * ("\x00" in bad) + ["surrogates"] * bool(bad - {"\x00"})
    if declared in _SNIFFED_TYPES:
        declared = HTML if _looks_like_html(text) else PLAIN
    if declared == PLAIN and (mended := _mend(text)) != text:
        text = mended
        repairs.append("mojibake")
    return Decoded(text, declared, encoding, tuple(repairs))


def _content_type(media_type: str | None) -> tuple[str, str | None]:
    """("text/html" | "text/plain" | "" for sniff, charset) of a Content-Type value."""
    name, _, parameters = (media_type or "").partition(";")
    name = name.strip().lower()
    found = re.search(r"charset\s*=\s*[\"']?([\w.:-]+)", parameters, re.I)
    charset = found.group(1) if found else None
    if name in _HTML_TYPES:
        return HTML, charset
    if name in _SNIFFED_TYPES:
        return "", charset
    if name == PLAIN or name.startswith("text/") or name.endswith(("/xml", "+xml", "/json", "+json")):
        return PLAIN, charset
    raise UnusableDump("unsupported", f"media type {name!r} is neither HTML nor text; convert it first")


def _decode_bytes(payload: bytes, charset: str | None) -> tuple[str, str]:
    for bom, encoding in _BOMS:
        if payload.startswith(bom):
            return payload[len(bom) :].decode(encoding, "replace"), encoding
    wide = _utf16_without_bom(payload)
    if wide:
        return payload.decode(wide, "replace"), wide
    _refuse_binary(payload)
    try:
        return payload.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        pass
    lenient = payload.decode("utf-8", "replace")
    # UTF-8 with a few broken bytes (cut in the middle of a character, one foreign quote) is still UTF-8:
    # other encodings hardly ever form valid multi-byte sequences by chance.
    broken = lenient.count("\ufffd")
    if sum(1 for c in lenient[: 4 * _SAMPLE] if c > "\x7f" and c != "\ufffd") > 4 * broken:
        return lenient, "utf-8"
    for encoding in _candidates(payload, charset):
        try:
            return payload.decode(encoding), encoding
        except (UnicodeDecodeError, LookupError):
            continue
    return lenient, "utf-8"


def _candidates(payload: bytes, charset: str | None) -> list[str]:
    """Encodings to try, best first: what the transport says, what the page says, what the bytes say."""
    found = _CHARSET.search(payload, 0, 4096)
    declared = [charset, found.group(1).decode("ascii") if found else None]
    names = [_python_name(n) for n in declared if n] + [
        _python_name(detect_encoding(payload) or "cp1252"),
        "cp1252",
    ]
    return [n for n in names if n and n != "utf-8"]


def _python_name(name: str) -> str | None:
    """Python's codec for a label as the web means it: latin-1 and ASCII say windows-1252 there."""
    try:
        codec = codecs.lookup(name).name
    except LookupError:
        return None
    return {
        "iso8859-1": "cp1252",
        "ascii": "cp1252",
        "gb2312": "gb18030",
        "gbk": "gb18030",
        "euc_kr": "cp949",
        "shift_jis": "cp932",
        "iso8859-9": "cp1254",
    }.get(codec, codec)


def _utf16_without_bom(payload: bytes) -> str | None:
    """UTF-16 of mostly Latin text: every second byte is NUL."""
    sample = payload[: _SAMPLE - _SAMPLE % 2]
    if len(sample) < 8 or b"\x00" not in sample:
        return None
    half = len(sample) // 2
    even, odd = sample[0::2].count(0) / half, sample[1::2].count(0) / half
    if odd > 0.7 and even < 0.05:
        return "utf-16-le"
    if even > 0.7 and odd < 0.05:
        return "utf-16-be"
    return None


def _refuse_binary(payload: bytes) -> None:
    sample = payload[:_SAMPLE]
    control = len(sample) - len(sample.translate(None, _CONTROL_BYTES))
    kind = detect_mime(sample[:512]) or ""
    known = (
        kind not in ("", "application/octet-stream")
        and not kind.startswith("text/")
        and not kind.endswith(("xml", "json"))
    )
    if control > BINARY_SHARE * len(sample) or (known and control):
        what = kind if known else "binary data"
        raise UnusableDump(
            "binary",
            f"{what}, not text or HTML ({control} control bytes in the first {len(sample)}); unpack or convert it first",
        )


def _looks_like_html(text: str) -> bool:
    """A page or a fragment of one: starts like a page, or block mark-up stands throughout its beginning."""
    if _HTML_START.match(text):
        return True
    head = text[:20_000].lstrip()
    tags = len(_BLOCK_TAG.findall(head))
    return tags >= 3 and (head[:1] == "<" or tags * 400 > len(head))


def _mend(text: str) -> str:
    """Lines whose characters are UTF-8 read as a one-byte encoding, read as UTF-8 again."""
    if not _is_broken(text):
        return text
    return "".join(
        ftfy.fix_encoding(line) if _is_broken(line) else line for line in text.splitlines(keepends=True)
    )


def _is_broken(text: str) -> bool:
    """What `is_bad` says, which takes long: first asked around the characters beyond ASCII, of which it needs one."""
    return any(
        is_bad(text[max(0, found.start() - _BADNESS) : found.end() + _BADNESS])
        for found in _FOREIGN.finditer(text)
    ) and is_bad(text)
