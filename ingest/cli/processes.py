"""Commands of the service: what feeds the queue, and what runs until it is stopped."""

from __future__ import annotations

from typing import Annotated, Optional

import typer

from ingest.cli.options import (
    Broker,
    Check,
    Concurrency,
    Demo,
    Folders,
    Host,
    Inputs,
    MetricsPort,
    Poll,
    Port,
    Queues,
    Source,
    Store,
    Workers,
    finish,
)

_SERVICE = "ingest.cli.service"

app = typer.Typer()


@app.command()
def up(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    workers: Workers = None,
    store: Store = None,
    broker: Broker = None,
    demo: Demo = False,
) -> None:
    """Run the whole service on this machine: queue, workers and schedule, until stopped."""
    finish(
        lambda service: service.up(
            service.settings_with(store=store, broker=broker, workers=workers),
            host=host,
            port=port,
            demo=demo,
        ),
        home="ingest.cli.up",
    )


@app.command()
def push(inputs: Inputs, source: Source = None, store: Store = None, broker: Broker = None) -> None:
    """Put dumps on the queue, for workers to clean; print their ids."""
    finish(
        lambda service: service.push_inputs(
            inputs, service.settings_with(store=store, broker=broker), source=source
        ),
        home=_SERVICE,
    )


@app.command()
def watch(
    folders: Folders,
    source: Source = None,
    poll: Poll = False,
    store: Store = None,
    broker: Broker = None,
) -> None:
    """Push what is in folders, and what comes into them, until stopped; print the ids of the dumps.

    A file is pushed when it has not changed for a while (watch.settled_after).  Names that are hidden, or that
    end in .part, .partial, .filepart, .tmp, .crdownload, .download or ~, are left alone until they are renamed.
    """
    finish(
        lambda service: service.watch_folders(
            folders, service.settings_with(store=store, broker=broker), source=source, poll=poll
        ),
        home=_SERVICE,
    )


@app.command()
def crawl(
    names: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Argument(
            metavar="SOURCE...", help="Sources, as ingest sources list shows them. [default: enabled ones]"
        ),
    ] = None,
    slot: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            "--slot", metavar="TIME", help="The time for which it was due; once for each source and slot."
        ),
    ] = None,
    store: Store = None,
    broker: Broker = None,
) -> None:
    """Fetch sources now.  What came is cleaned by the workers, or here where there is no broker."""
    finish(
        lambda crawling: crawling.crawl_sources(
            names or [], crawling.settings_with(store=store, broker=broker), slot=slot
        ),
        home="ingest.cli.crawling",
    )


@app.command()
def worker(
    concurrency: Concurrency = None,
    queues: Queues = None,
    metrics_port: MetricsPort = None,
    store: Store = None,
    broker: Broker = None,
    check: Check = False,
) -> None:
    """Clean what is on the queue, until stopped; what is not finished then goes back to it."""
    metrics = None if metrics_port is None else {"port": metrics_port}
    finish(
        lambda service: service.worker(
            service.settings_with(store=store, broker=broker, workers=concurrency, metrics=metrics),
            queues=queues,
            check=check,
        ),
        home=_SERVICE,
    )


@app.command()
def beat(store: Store = None, broker: Broker = None, check: Check = False) -> None:
    """Have lost dumps sent again, now and then, until stopped; one for all workers."""
    finish(
        lambda service: service.beat(service.settings_with(store=store, broker=broker), check=check),
        home=_SERVICE,
    )


@app.command()
def migrate(store: Store = None) -> None:
    """Bring the store to today's schema, as every command does that opens it; once, before a service starts."""
    finish(lambda service: service.migrate(service.settings_with(store=store)), home=_SERVICE)


@app.command()
def api(
    host: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--host", help="Address to listen on. [default: 127.0.0.1]"),
    ] = None,
    port: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option("--port", min=0, max=65535, help="Port to listen on. [default: 8000]"),
    ] = None,
    store: Store = None,
    broker: Broker = None,
    check: Check = False,
) -> None:
    """Serve HTTP and the review page, until stopped.  The first start ever prints an admin token."""
    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    finish(
        lambda access: access.api(
            access.settings_with(store=store, broker=broker, api=given or None), check=check
        ),
        home="ingest.cli.access",
    )
