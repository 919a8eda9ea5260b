"""What a crawl takes from the store and leaves there.  Blocking: the spider calls it in threads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from ingest.crawl.listings import Link
from ingest.errors import Unavailable
from ingest.model import Dump
from ingest.queue.broker import Send
from ingest.settings import Crawl
from ingest.store import addresses, claims, intake, payloads
from ingest.store.addresses import Address, Answer
from ingest.store.transactions import reading, writing
from ingest.telemetry.logs import logger

_log = logger(__name__)


@dataclass(slots=True)
class Frontier:
    """Of one source.  `send`: None where no broker is; the dumps stay `received`."""

    engine: Engine
    send: Send | None
    source: str
    limits: Crawl
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def known(self, url: str) -> Address | None:
        with reading(self.engine) as connection:
            return addresses.known(connection, self.source, [url]).get(url)

    def left(self, limit: int) -> list[Address]:
        """Pages that earlier crawls named and did not have, and those that are to be asked whether they changed."""
        now = self.now()
        with reading(self.engine) as connection:
            wanted = addresses.wanted(connection, self.source, self.limits.failures, limit)
            return wanted + addresses.to_recheck(
                connection,
                self.source,
                checked_before=_moment(now - timedelta(seconds=self.limits.recheck_after)),
                found_after=_moment(now - timedelta(seconds=self.limits.recheck_for)),
                limit=limit - len(wanted),
            )

    def sort(self, links: Sequence[Link]) -> tuple[list[Link], dict[str, Address]]:
        """Those of the links that are to be fetched, and what is known of any.  Writes nothing."""
        with reading(self.engine) as connection:
            known = addresses.known(connection, self.source, [link.url for link in links])
        return [link for link in links if self._is_due(link, known.get(link.url))], known

    def listed(
        self, url: str, answer: Answer, links: Sequence[Link]
    ) -> tuple[list[Link], dict[str, Address]]:
        """A listing named these: in one transaction, the pages are wanted and the listing is had.

        -> as `sort`.  What lists listings says nothing of whether these changed, so it is asked for whole again.
        """
        due, known = self.sort(links)
        if any(link.is_listing for link in links):
            answer = Answer(answer.url, answer.status, None, None, answer.headers)
        with writing(self.engine) as connection:
            addresses.want(connection, self.source, [link.url for link in due if not link.is_listing])
            addresses.answered(connection, self.source, url, answer, is_listing=True)
        return due, known

    def named(self, links: Sequence[Link]) -> tuple[list[Link], dict[str, Address]]:
        """The source itself names these pages.  -> as `sort`."""
        due, known = self.sort(links)
        with writing(self.engine) as connection:
            addresses.want(connection, self.source, [link.url for link in due])
        return due, known

    def unchanged(self, url: str, answer: Answer, *, is_listing: bool) -> None:
        with writing(self.engine) as connection:
            addresses.answered(connection, self.source, url, answer, is_listing=is_listing)

    def failed(self, url: str, status: int | None, *, gone: bool) -> None:
        with writing(self.engine) as connection:
            addresses.failed(connection, self.source, url, status, gone=gone)

    def take(self, dump: Dump, url: str, answer: Answer, page: str | None = None) -> tuple[bool, bool]:
        """A dump of this address goes to the ledger, and its state with it, in one transaction.

        -> whether it differs from the last one, and whether there was one.  `page`: as of `addresses.gave`.
        """
        payloads.lay_aside(self.engine, [dump])
        with writing(self.engine) as connection:
            before = addresses.known(connection, self.source, [url]).get(url)
            payloads.receive(connection, [dump])
            is_new = addresses.gave(connection, self.source, url, dump.dump_id, answer, page=page)
            if dump.url and dump.url != url and page is None:  # where redirects led: known from now on too
                addresses.gave(connection, self.source, dump.url, dump.dump_id, answer)
            todo = intake.take_waiting(connection, [dump.dump_id]) if self.send else []
        if self.send and todo:
            self._send(self.send, todo)
        return is_new, bool(before and before.dump_id)

    def _send(self, send: Send, dump_ids: Sequence[str]) -> None:
        try:
            send(dump_ids)
        except Unavailable as error:
            _log.warning("dumps left to the sweeper", dumps=len(dump_ids), error=str(error))
            with suppress(Unavailable), writing(self.engine) as connection:
                claims.release(connection, dump_ids, holder="", forgive=False)

    def _is_due(self, link: Link, known: Address | None) -> bool:
        """Pages once, unless the listing says that they changed since; listings always, unless it says that not."""
        if known is None or known.wanted:
            return known is None or known.failures < self.limits.failures
        if link.changed and known.checked_at:
            return link.changed > datetime.fromisoformat(known.checked_at)
        return link.is_listing or not known.checked_at


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
