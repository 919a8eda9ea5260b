"""What is known of the addresses that sources named: the frontier of their crawls, and their memory.

A listing's links and its validators are written in one transaction, a page's dump and its state in another.  So a
crawl that is killed at any moment goes on with what is wanted, and a 304 never stands for links that were lost.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, or_, select, update

from ingest.store.inserts import insert_missing
from ingest.store.schema import addresses, fetches, ledger
from ingest.store.values import now, portions, storable

_LONGEST_VALIDATOR = 1000  # characters; a longer one is nonsense, and is not kept


@dataclass(frozen=True, slots=True)
class Address:
    """An address, as the store knows it."""

    key: str
    url: str
    is_listing: bool
    wanted: bool
    failures: int
    status: int | None
    etag: str | None
    last_modified: str | None
    dump_id: str | None
    revision: int
    found_at: str
    checked_at: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What an address answered."""

    url: str  # where redirects led
    status: int
    etag: str | None
    last_modified: str | None
    headers: Sequence[tuple[str, str]]


def key_of(url: str) -> str:
    return hashlib.sha256(url.encode("utf-8", "surrogatepass")).hexdigest()


def known(connection: Connection, source: str, urls: Collection[str]) -> dict[str, Address]:
    """Those of the addresses that the source named before, by url."""
    found: dict[str, Address] = {}
    for some in portions(sorted({key_of(url) for url in urls})):
        asked = select(addresses).where(addresses.c.source == source, addresses.c.key.in_(some))
        found |= {row["url"]: _address(row) for row in connection.execute(asked).mappings()}
    return found


def want(connection: Connection, source: str, urls: Collection[str], *, is_listing: bool = False) -> None:
    """These are to be fetched: new ones, and known ones once more."""
    rows = [_row(source, url, is_listing=is_listing, wanted=True) for url in urls]
    rows.sort(key=lambda row: str(row["key"]))
    insert_missing(connection, addresses, rows)
    for some in portions([str(row["key"]) for row in rows]):
        here = addresses.c.source == source, addresses.c.key.in_(some), ~addresses.c.wanted
        connection.execute(update(addresses).where(*here).values(wanted=True, failures=0))


def wanted(connection: Connection, source: str, most_failures: int, limit: int) -> list[Address]:
    """Pages that were named and not fetched yet, those named first before others."""
    asked = select(addresses).where(
        addresses.c.source == source,
        addresses.c.wanted,
        ~addresses.c.is_listing,
        addresses.c.failures < most_failures,
    )
    rows = connection.execute(asked.order_by(addresses.c.found_at, addresses.c.key).limit(limit))
    return [_address(row) for row in rows.mappings()]


def to_recheck(
    connection: Connection, source: str, *, checked_before: str, found_after: str, limit: int
) -> list[Address]:
    """Pages that can be asked whether they changed, and were not since; those asked longest ago first."""
    asked = select(addresses).where(
        addresses.c.source == source,
        ~addresses.c.wanted,
        addresses.c.dump_id.is_not(None),
        or_(addresses.c.etag.is_not(None), addresses.c.last_modified.is_not(None)),
        addresses.c.checked_at <= checked_before,
        addresses.c.found_at >= found_after,
    )
    rows = connection.execute(asked.order_by(addresses.c.checked_at, addresses.c.key).limit(limit))
    return [_address(row) for row in rows.mappings()]


def answered(connection: Connection, source: str, url: str, answer: Answer, *, is_listing: bool) -> None:
    """The address answered, with what it gave before (304) or with what is no dump: a listing."""
    values: dict[str, Any] = {"wanted": False, "failures": 0, "status": answer.status, "checked_at": now()}
    if answer.status != 304:
        values |= _validators(answer)
    _set(connection, source, url, values, is_listing=is_listing)


def gave(
    connection: Connection, source: str, url: str, dump_id: str, answer: Answer, *, page: str | None = None
) -> bool:
    """The address gave a dump, which is in the store already.  -> whether it is another than before.

    `page`: of a feed's entry with its full text, the url of its page.
    """
    key, at = key_of(url), now()
    insert_missing(connection, addresses, [_row(source, url, is_listing=False, wanted=False)])
    here = addresses.c.source == source, addresses.c.key == key
    columns = addresses.c.dump_id, addresses.c.revision
    before = connection.execute(select(*columns).where(*here).with_for_update()).one()
    is_new = bool(before.dump_id != dump_id)
    revision = before.revision + is_new
    values = {"wanted": False, "failures": 0, "status": answer.status, "checked_at": at}
    values |= {"dump_id": dump_id, "revision": revision}
    values |= {} if page else _validators(answer)  # an entry's are those of its feed
    connection.execute(update(addresses).where(*here).values(values))
    if is_new:
        row = {"source": source, "key": key, "url": storable(answer.url), "revision": revision}
        row |= {"dump_id": dump_id, "page_key": key_of(page) if page else None, "fetched_at": at}
        headers = [[storable(name), storable(value)] for name, value in answer.headers]
        connection.execute(insert(fetches).values({**row, "headers": headers}))
    return is_new


def failed(connection: Connection, source: str, url: str, status: int | None, *, gone: bool) -> None:
    """It could not be had; `gone`: nor will it be (404, refused, no page), so nobody is to ask again."""
    values: dict[str, Any] = {"status": status, "checked_at": now(), "failures": addresses.c.failures + 1}
    _set(connection, source, url, values | ({"wanted": False} if gone else {}), is_listing=None)


def headers_of(connection: Connection, dump_id: str) -> list[Mapping[str, Any]]:
    """Where and with which headers a dump was fetched, in the order of fetching."""
    asked = select(fetches).where(fetches.c.dump_id == dump_id).order_by(fetches.c.fetch_id)
    return [dict(row) for row in connection.execute(asked).mappings()]


def uncleaned(connection: Connection, names: Collection[str]) -> list[str]:
    """Dumps that were fetched of these sources and that nobody was asked to clean, in the order of fetching."""
    asked = select(fetches.c.dump_id).join(ledger, ledger.c.dump_id == fetches.c.dump_id)
    waits = fetches.c.source.in_(names), ledger.c.state == "received"
    return list(dict.fromkeys(connection.scalars(asked.where(*waits).order_by(fetches.c.fetch_id))))


def _set(
    connection: Connection, source: str, url: str, values: Mapping[str, Any], *, is_listing: bool | None
) -> None:
    if is_listing is not None:
        row = _row(source, url, is_listing=is_listing, wanted=False)
        insert_missing(connection, addresses, [row])
    here = addresses.c.source == source, addresses.c.key == key_of(url)
    connection.execute(update(addresses).where(*here).values(values))


def _row(source: str, url: str, *, is_listing: bool, wanted: bool) -> dict[str, Any]:
    row = {"source": source, "key": key_of(url), "url": url, "is_listing": is_listing, "wanted": wanted}
    return {**row, "failures": 0, "revision": 0, "found_at": now()}


def _validators(answer: Answer) -> dict[str, str | None]:
    return {"etag": _short(answer.etag), "last_modified": _short(answer.last_modified)}


def _short(value: str | None) -> str | None:
    return storable(value) if value and len(value) <= _LONGEST_VALIDATOR else None


def _address(row: Mapping[Any, Any]) -> Address:
    return Address(**{name: row[name] for name in Address.__slots__})
