"""What `ingest webhooks` does."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

from ingest.cli import console
from ingest.cli.commands import DONE, settings_with
from ingest.cli.show import printable
from ingest.outbox import webhooks as telling
from ingest.settings import Settings
from ingest.store import feed, webhooks
from ingest.store.opening import opened
from ingest.store.transactions import reading, writing

__all__ = ["add", "list_webhooks", "remove", "retry", "settings_with"]


def add(settings: Settings, url: str, *, from_start: bool) -> int:
    with opened(settings) as engine:
        webhook_id, secret = telling.add(engine, url, from_start=from_start)
    sys.stdout.write(f"{webhook_id}\t{secret}\n")
    return DONE


def list_webhooks(settings: Settings, *, as_json: bool) -> int:
    with opened(settings) as engine, reading(engine) as connection:
        found, newest = webhooks.listed(connection), feed.newest(connection)
    for webhook in found:
        shown = {**asdict(webhook), "behind": newest - webhook.cursor}
        del shown["secret"]
        if as_json:
            sys.stdout.write(json.dumps(shown) + "\n")
            continue
        fields = ("webhook_id", "state", "behind", "delivered_at", "failures", "url", "error")
        line = "\t".join("-" if shown[name] is None else str(shown[name]) for name in fields)
        sys.stdout.write(printable(line).replace("\n", " ") + "\n")
    return DONE


def remove(settings: Settings, webhook_id: str) -> int:
    with opened(settings) as engine, writing(engine) as connection:
        webhooks.remove(connection, webhook_id)
    console.say(f"{webhook_id} is told nothing more")
    return DONE


def retry(settings: Settings, webhook_id: str) -> int:
    with opened(settings) as engine, writing(engine) as connection:
        webhooks.revive(connection, webhook_id)
    console.say(f"{webhook_id} is told what it missed, at the next turn")
    return DONE
