"""Dumps out of named fields: a JSON object, a row of a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ingest.model import Dump
from ingest.readers.container import Container


def dump_of_fields(at: Container, number: int, fields: Mapping[str, object]) -> Dump:
    """The dump that these fields hold, by the names of the settings; names are compared without case.

    The first text field with something in it is the payload: bytes as they are, text in UTF-8.  It is
    HTML where its name says so and no field gives a media type.
    """
    folded = {key.strip().casefold(): value for key, value in fields.items()}
    name = at.row(number, _first(folded, at.limits.id_fields)[1])
    field, text = _first(folded, at.limits.text_fields)
    if not isinstance(text, str | bytes):
        there = ", ".join(repr(str(key))[:40] for key in list(fields)[:12]) or "nothing"
        what = (
            f"the field {field!r} holds no text"
            if field
            else f"none of the fields {', '.join(at.limits.text_fields)}"
        )
        message = f"{what}; there is {there}: name the right one in containers.text_fields"
        return at.fault("unreadable", message, name=name)
    payload = text if isinstance(text, bytes) else text.encode("utf-8", "replace")
    media_type = _text(folded, at.limits.media_type_fields) or ("text/html" if "html" in field else None)
    return at.dump(
        payload,
        name=name,
        source=_text(folded, at.limits.source_fields),
        url=_text(folded, at.limits.url_fields),
        media_type=media_type,
    )


def _first(fields: Mapping[str, object], names: Sequence[str]) -> tuple[str, object]:
    """The first of these fields with something in it, else the first that is there and holds text, else none."""
    there = [(name, fields[name.casefold()]) for name in names if name.casefold() in fields]
    full = [(name, value) for name, value in there if value not in (None, "", b"")]
    return next(iter(full or [(n, v) for n, v in there if v is not None]), ("", None))


def _text(fields: Mapping[str, object], names: Sequence[str]) -> str | None:
    value = _first(fields, names)[1]
    return value.strip() or None if isinstance(value, str) else None
