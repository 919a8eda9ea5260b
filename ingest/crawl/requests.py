"""Requests, as the spider makes them."""

from __future__ import annotations

from typing import Any

from scrapy import Request

from ingest.store.addresses import Address

_LISTING, _PAGE = 10, 0  # priorities: a crawl that ends at its limit knows what is left for the next


def request_for(
    url: str, callback: Any, errback: Any, arguments: dict[str, Any], known: Address | None, *, is_page: bool
) -> Request:
    """`known`: what it answered before, so that it can say that nothing changed (304)."""
    asks = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified} if known else {}
    return Request(
        url,
        callback=callback,
        errback=errback,
        cb_kwargs=arguments,
        headers={name: value for name, value in asks.items() if value},
        priority=_PAGE if is_page else _LISTING,
        # Scrapy's own filter drops in silence, also the end of a redirect, whose page would be wanted for ever.
        dont_filter=True,
        meta={"is_page": is_page},
    )
