"""Which documents of the near-copy index have the same text, by its hash."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from sqlalchemy import Connection, func, select

from ingest.store.schema import sketches
from ingest.store.values import portions


def first_of(connection: Connection, exact: Collection[str]) -> dict[str, tuple[int, str]]:
    """The first place with each of these texts, and the document there."""
    found: dict[str, tuple[int, str]] = {}
    for some in portions(sorted(exact)):
        earliest = (
            select(func.min(sketches.c.position).label("place"))
            .where(sketches.c.exact.in_(some))
            .group_by(sketches.c.exact)
            .subquery()
        )
        columns = sketches.c.exact, sketches.c.position, sketches.c.document_id
        rows = connection.execute(select(*columns).join(earliest, earliest.c.place == sketches.c.position))
        found.update((row.exact, (row.position, row.document_id)) for row in rows)
    return found


def behind(connection: Connection, firsts: Mapping[str, int]) -> Iterator[int]:
    """Later places with the same text; `firsts`: the first place with each text."""
    for some in portions(sorted(firsts)):
        asked = select(sketches.c.exact, sketches.c.position).where(sketches.c.exact.in_(some))
        for row in connection.execute(asked):
            if row.position > firsts[row.exact]:
                yield row.position
