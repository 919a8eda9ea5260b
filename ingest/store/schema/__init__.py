"""The tables of the store.  Change one, and write a migration (`migrations/`) and raise `REVISION`.

The full text of the documents is beside them, in each database's own way: `searchable`.
"""

from __future__ import annotations

from ingest.store.schema.base import metadata
from ingest.store.schema.copies import rare_shingles, sketches
from ingest.store.schema.crawls import addresses, crawls, fetches, sources
from ingest.store.schema.documents import articles, removals, retractions
from ingest.store.schema.dumps import arrivals, counters, dumps, ledger, sightings
from ingest.store.schema.furniture import page_lines, site_lines, sites
from ingest.store.schema.service import requests, tokens, webhooks, workers
from ingest.store.schema.words import corrections, pairs

__all__ = [
    "REVISION",
    "addresses",
    "arrivals",
    "articles",
    "corrections",
    "counters",
    "crawls",
    "dumps",
    "fetches",
    "ledger",
    "metadata",
    "page_lines",
    "pairs",
    "rare_shingles",
    "removals",
    "requests",
    "retractions",
    "sightings",
    "site_lines",
    "sites",
    "sketches",
    "sources",
    "tokens",
    "webhooks",
    "workers",
]

REVISION = "0014"  # the newest migration; here, so that opening a store need not load alembic
