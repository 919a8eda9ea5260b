"""What `ingest crawl` and `ingest sources` do.  Every function returns the exit code."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING

from ingest.cli import console
from ingest.cli.commands import DONE, end_again, run_again, settings_with
from ingest.cli.show import printable
from ingest.crawl import registry
from ingest.crawl.agent import NO_CONTACT
from ingest.crawl.source import Kind, Source, definition_of
from ingest.errors import UsageError
from ingest.redaction import redacted
from ingest.settings import Settings
from ingest.store import addresses
from ingest.store.health import health
from ingest.store.opening import opened
from ingest.store.sources import Word
from ingest.store.transactions import reading

if TYPE_CHECKING:
    from ingest.queue.broker import Broker

__all__ = ["add_source", "check_source", "crawl_sources", "list_sources", "say", "settings_with", "status"]

SOME_FAILED = 1


def crawl_sources(names: Sequence[str], settings: Settings, *, slot: str | None) -> int:
    """Fetch sources now.  By the workers, or without a broker here, what came is cleaned."""
    from ingest.crawl import run  # here: Scrapy is a second of imports

    with opened(settings) as engine, _broker(settings) as broker:
        sources = registry.chosen(engine, names)
        outcomes = run.crawl(
            sources,
            engine,
            settings,
            send=broker.send_clean if broker else None,
            broker=broker.url if broker else None,
            slot=slot or run.manual_slot(),
        )
        for outcome in outcomes:
            counted = ", ".join(
                f"{number} {name.replace('_', ' ')}" for name, number in outcome.counts.items()
            )
            console.say(f"{outcome.source}: {outcome.error or counted or 'nothing'}")
        if any(outcome.interrupted for outcome in outcomes):
            raise KeyboardInterrupt
        code = DONE
        if broker is None:  # also what an earlier crawl left, if it was killed
            with reading(engine) as connection:
                dump_ids = addresses.uncleaned(connection, [source.name for source in sources])
            if dump_ids:
                code = end_again(engine, run_again(settings, engine, dump_ids))
    return SOME_FAILED if any(outcome.error for outcome in outcomes) else code


def list_sources(settings: Settings, *, as_json: bool) -> int:
    with opened(settings) as engine:
        found = registry.registered(engine)
    for one in found:
        source = one.source
        if as_json:
            said = {"name": source.name, "enabled_now": one.is_enabled, **definition_of(source)}
            sys.stdout.write(json.dumps(said) + "\n")
        else:
            word = "enabled" if one.is_enabled else "disabled"
            _print(word, source.kind, _when(source), source.name, redacted(source.urls[0]))
    return DONE


def status(settings: Settings, *, as_json: bool) -> int:
    """-> 0, also where there are alerts: they are told, not ours."""
    with opened(settings) as engine:
        registry.seed(engine)
        with reading(engine) as connection:
            found = health(connection, settings.crawl)
    if any(one.enabled for one in found):
        _remind(settings)
    for one in found:
        if as_json:
            sys.stdout.write(json.dumps(asdict(one)) + "\n")
            continue
        usual = "-" if one.pages_usual is None else f"{one.pages_usual:g}"
        errors = ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in one.errors_day.items())
        _print(
            one.alert or ("ok" if one.enabled else "disabled"),
            one.last_success or "never",
            f"{one.pages_day}/{usual} a day",
            f"{_percent(one.duplicates)} copies",
            f"{_percent(one.empty)} empty",
            one.last_error or errors or "no errors",
            one.source,
        )
    return DONE


def add_source(
    url: str, settings: Settings, *, name: str | None, kind: Kind | None, every: float | None
) -> int:
    from ingest.crawl import run
    from ingest.crawl.discover import name_of, source_from
    from ingest.crawl.urls import address_of

    address = address_of(url if "://" in url else f"https://{url}")
    if address is None:
        raise UsageError(f"{redacted(url)!r} is no http or https address without a password")
    with opened(settings) as engine, _broker(settings) as broker:
        found = run.seek(address, engine, settings, broker=broker.url if broker else None)
        for one in found:
            console.say(f"{one.kind} with {one.links} links: {redacted(one.url)}")
        source = source_from(name or name_of(address), found, kind, every)
        registry.add(engine, source)
    _print(source.name, source.kind, _when(source), *map(redacted, source.urls))
    console.say(
        f"ingest sources check {source.name} shows what it gives, ingest crawl {source.name} fetches it now"
    )
    return DONE


def check_source(name: str, settings: Settings) -> int:
    from ingest.crawl import run

    with opened(settings) as engine, _broker(settings) as broker:
        [source] = registry.chosen(engine, [name])
        outcome = run.look(source, engine, settings, broker=broker.url if broker else None)
    for url, fate in outcome.looked_at:
        _print(fate, redacted(url))
    for trouble in outcome.trouble:
        console.say(f"could not be had: {trouble}")
    fetched = sum(fate == "would be fetched" for _, fate in outcome.looked_at)
    console.say(f"{len(outcome.looked_at)} pages found, {fetched} would be fetched; nothing was stored")
    return SOME_FAILED if outcome.error else DONE


def say(name: str, settings: Settings, word: Word) -> int:
    with opened(settings) as engine:
        registry.say(engine, name, word)
    if word == "enable":
        _remind(settings)
    return DONE


def _remind(settings: Settings) -> None:
    """Nobody is to find out by what does not come."""
    if not settings.crawl.contact:
        console.say(NO_CONTACT)


@contextmanager
def _broker(settings: Settings) -> Iterator[Broker | None]:
    """The broker that is set, or that of a running `ingest up`; None where there is none."""
    from ingest.queue.broker import Broker, make_app  # here: Celery takes a third of a second to load

    try:
        app = make_app(settings)
    except UsageError:
        if settings.broker:
            raise
        yield None
        return
    with Broker(app) as broker:
        broker.check()
        yield broker


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}"


def _when(source: Source) -> str:
    return f"cron {source.cron}" if source.cron else f"every {source.every or 60:g} min"


def _print(*fields: object) -> None:
    sys.stdout.write(printable("\t".join(map(str, fields))).replace("\n", " ") + "\n")
