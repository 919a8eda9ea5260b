"""Which documents of the near-copy index have the same text, by its hash."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from sqlalchemy import Connection, func, select

from ingest.store.among import among
from ingest.store.schema import sketches

_EARLIEST = (
    select(func.min(sketches.c.position).label("place"))
    .where(among(sketches.c.exact, "exact"))
    .group_by(sketches.c.exact)
    .subquery()
)
_FIRST = select(sketches.c.exact, sketches.c.position, sketches.c.document_id).join(
    _EARLIEST, _EARLIEST.c.place == sketches.c.position
)
_ALL = select(sketches.c.exact, sketches.c.position).where(among(sketches.c.exact, "exact"))


def first_of(connection: Connection, exact: Collection[str]) -> dict[str, tuple[int, str]]:
    """The first place with each of these texts, and the document there."""
    rows = connection.execute(_FIRST, {"exact": list(exact)}).all()
    return {text: (position, document_id) for text, position, document_id in rows}


def behind(connection: Connection, firsts: Mapping[str, int]) -> Iterator[int]:
    """Later places with the same text; `firsts`: the first place with each text."""
    if firsts:
        for text, position in connection.execute(_ALL, {"exact": list(firsts)}).all():
            if position > firsts[text]:
                yield position
