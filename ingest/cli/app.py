"""The command line: names and flags; what a command does is in a module that is loaded when it runs."""

from __future__ import annotations

import sys
from io import TextIOWrapper
from typing import Annotated

import typer

from ingest.cli import dead, documents, processes, sites, sources, tokens, webhooks
from ingest.cli.options import (
    Form,
    Inputs,
    Kind,
    OnlyUnique,
    Output,
    Source,
    Store,
    Workers,
    finish,
)

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


app.add_typer(processes.app)
app.add_typer(documents.app)
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
