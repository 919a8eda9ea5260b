"""The command line: names and flags; what they do is in `ingest.cli.commands`, loaded when a command runs."""

from __future__ import annotations

import sys
from io import TextIOWrapper
from typing import Annotated, Optional

import typer

from ingest.cli import dead, sites, sources, tokens, webhooks
from ingest.cli.options import (
    AsJson,
    Broker,
    Check,
    Concurrency,
    Demo,
    Folders,
    Form,
    Host,
    Inputs,
    Kind,
    MetricsPort,
    OnlyUnique,
    Output,
    Poll,
    Port,
    Queues,
    Source,
    Store,
    Workers,
    finish,
)

_SERVICE = "ingest.cli.service"

app = typer.Typer(
    name="ingest",
    help="Raw news dumps in, clean documents out.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.callback(invoke_without_command=True)
def root(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        from importlib.metadata import PackageNotFoundError
        from importlib.metadata import version as version_of

        try:
            typer.echo(version_of("ingest"))
        except PackageNotFoundError:
            typer.echo("run from a checkout, not installed")
        raise typer.Exit


@app.command()
def run(
    inputs: Inputs,
    output: Output = "clean.jsonl",
    form: Kind = Form.jsonl,
    store: Store = None,
    workers: Workers = None,
    only_unique: OnlyUnique = False,
    source: Source = None,
) -> None:
    """Clean dumps: read, split, deduplicate, store, and write the documents."""
    finish(
        lambda commands: commands.run_inputs(
            inputs,
            commands.settings_with(store=store, workers=workers),
            output=output,
            form=form.value,
            only_unique=only_unique,
            source=source,
        )
    )


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


@app.command()
def reindex(store: Store = None, broker: Broker = None) -> None:
    """Make the near-copy index's lists anew from the store; others wait meanwhile.

    Lists in the broker that were lost make themselves anew.  Sketches are kept: ingest replay renews these.
    """
    finish(
        lambda again: again.reindex(again.settings_with(store=store, broker=broker)), home="ingest.cli.again"
    )


@app.command()
def export(
    after: Annotated[int, typer.Option("--after", metavar="CURSOR", min=0, help="Only what came since.")] = 0,
    output: Output = "-",
    form: Kind = Form.jsonl,
    store: Store = None,
    only_unique: OnlyUnique = False,
    changes: Annotated[
        bool,
        typer.Option(
            "--changes",
            help="JSON lines that say new, revised or retracted, each with its document; with --only-unique, "
            "the first of each group stands for it.",
        ),
    ] = False,
    to: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            "--to",
            metavar="URL",
            help="A folder or fsspec URL that is brought to what the store holds: a file for each day and source.",
        ),
    ] = None,
) -> None:
    """Write stored documents, oldest change first; the next cursor is printed to stderr.

    With --only-unique, near_copies.representative says which document stands for a group.  That may be another one
    tomorrow, though neither of the two has changed: --to follows it, a feed read on with --after cannot.
    """
    if to is not None:
        finish(
            lambda files: files.export_data_set(
                files.settings_with(store=store),
                to,
                form=form.value,
                only_unique=only_unique,
                alone=not (after or changes or output != "-"),
            ),
            home="ingest.cli.files",
        )
    finish(
        lambda commands: (commands.export_changes if changes else commands.export_documents)(
            commands.settings_with(store=store),
            after=after,
            output=output,
            form=form.value,
            only_unique=only_unique,
        )
    )


@app.command()
def replay(
    ids: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Argument(metavar="ID...", help="Dumps or documents. [default: see above]"),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All that are done, whatever cleaned them.")] = False,
    source: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--source", metavar="NAME", help="Only those seen at this source."),
    ] = None,
    after: Annotated[
        int, typer.Option("--after", metavar="N", min=0, help="Go on where an interrupted replay said.")
    ] = 0,
    store: Store = None,
    broker: Broker = None,
    workers: Workers = None,
) -> None:
    """Clean stored dumps again with today's pipeline: those that another version of it cleaned, or with other
    furniture of their source (ingest sites), unless told.

    By the workers where a broker is set, else here and now.  Documents that change get a new revision.
    """
    finish(
        lambda again: again.replay_dumps(
            ids or [],
            again.settings_with(store=store, broker=broker, workers=workers),
            every=every,
            source=source,
            after=after,
        ),
        home="ingest.cli.again",
    )


@app.command()
def show(
    id: Annotated[str, typer.Argument(metavar="ID", help="A document_id or dump_id, or how it begins.")],
    removed: Annotated[
        bool, typer.Option("--removed", help="The whole page, what was removed struck through.")
    ] = False,
    as_json: AsJson = False,
    store: Store = None,
) -> None:
    """Print a document, or a dump with all its documents."""
    finish(
        lambda commands: commands.show(
            id, commands.settings_with(store=store), removed=removed, as_json=as_json
        )
    )


@app.command()
def search(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="WORD...", help="All of them are there; '\"a phrase\"', begin*; behind --: -without."
        ),
    ],
    source: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--source", metavar="NAME", help="Only documents of this source."),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many, at most.")] = 20,
    as_json: AsJson = False,
    store: Store = None,
) -> None:
    """Print the documents that hold these words, what changed last first."""
    finish(
        lambda find: find.search_documents(
            " ".join(words), find.settings_with(store=store), source=source, limit=limit, as_json=as_json
        ),
        home="ingest.cli.find",
    )


@app.command()
def corrections(
    links: Annotated[
        bool,
        typer.Option("--links", help="Pairs that people judged instead: a copy, or none, with both texts."),
    ] = False,
    store: Store = None,
) -> None:
    """Print what people corrected on the review page, to learn from: a dump a line, a label for each of its spans."""
    finish(
        lambda find: find.corrections(find.settings_with(store=store), links=links), home="ingest.cli.find"
    )


@app.command()
def status(as_json: AsJson = False, store: Store = None) -> None:
    """Print how many dumps and documents there are, by state, and who is alive to clean them."""
    finish(lambda commands: commands.status(commands.settings_with(store=store), as_json=as_json))


app.add_typer(dead.app, name="dead")
app.add_typer(sites.app, name="sites")
app.add_typer(sources.app, name="sources")
app.add_typer(tokens.app, name="tokens")
app.add_typer(webhooks.app, name="webhooks")


def main() -> None:
    """The console script."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # no text is worth a crash on a narrow terminal
    app()
