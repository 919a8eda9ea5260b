"""A consumer as anybody would write one: python -m tests.consumers.consumer URL TOKEN FOLDER [--to-the-end]

Keeps the documents in a database of its own, each change in a transaction, and where it is in a file.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from pathlib import Path

from ingest.client import Feed


def main(url: str, token: str, folder: str, *flags: str) -> None:
    mine = sqlite3.connect(Path(folder) / "mine.sqlite", isolation_level=None)
    mine.execute("PRAGMA journal_mode = WAL")
    mine.execute("PRAGMA synchronous = OFF")  # what is killed is a process, not a machine
    mine.execute("CREATE TABLE IF NOT EXISTS documents (document_id TEXT PRIMARY KEY, document TEXT)")
    feed = Feed(url, token)
    for change in feed.follow(Path(folder) / "cursor", wait=None if flags else 5.0):
        if change.change == "retracted" and change.document is None:
            mine.execute("DELETE FROM documents WHERE document_id = ?", (change.document_id,))
        else:
            row = change.document_id, json.dumps(change.document)
            mine.execute("INSERT OR REPLACE INTO documents VALUES (?, ?)", row)
    mine.close()
    feed.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
