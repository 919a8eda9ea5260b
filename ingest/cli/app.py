"""The command line: names and flags; what they do is in `ingest.cli.commands`, loaded when a command runs."""

from __future__ import annotations

import sys
from io import TextIOWrapper
from typing import Annotated

import typer

from ingest.cli import dead
from ingest.cli.options import (
    AsJson,
    Broker,
    Check,
    Concurrency,
    Demo,
    Form,
    Host,
    Inputs,
    Kind,
    OnlyUnique,
    Output,
    Port,
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
def worker(
    concurrency: Concurrency = None,
    store: Store = None,
    broker: Broker = None,
    check: Check = False,
) -> None:
    """Clean what is on the queue, until stopped; what is not finished then goes back to it."""
    finish(
        lambda service: service.worker(
            service.settings_with(store=store, broker=broker, workers=concurrency), check=check
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
def export(
    after: Annotated[int, typer.Option("--after", metavar="CURSOR", min=0, help="Only what came since.")] = 0,
    output: Output = "-",
    form: Kind = Form.jsonl,
    store: Store = None,
    only_unique: OnlyUnique = False,
) -> None:
    """Write stored documents, oldest change first; the next cursor is printed to stderr."""
    finish(
        lambda commands: commands.export_documents(
            commands.settings_with(store=store),
            after=after,
            output=output,
            form=form.value,
            only_unique=only_unique,
        )
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
def status(as_json: AsJson = False, store: Store = None) -> None:
    """Print how many dumps and documents there are, by state."""
    finish(lambda commands: commands.status(commands.settings_with(store=store), as_json=as_json))


app.add_typer(dead.app, name="dead")


def main() -> None:
    """The console script."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # no text is worth a crash on a narrow terminal
    app()
