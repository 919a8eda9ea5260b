"""The command line: names and flags; what they do is in `ingest.cli.commands`, loaded when a command runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from enum import StrEnum
from io import TextIOWrapper
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from ingest.errors import IngestError

if TYPE_CHECKING:
    from types import ModuleType

app = typer.Typer(
    name="ingest",
    help="Raw news dumps in, clean documents out.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
dead = typer.Typer(
    help="Dumps that were given up: list, show, retry.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(dead, name="dead")


class Form(StrEnum):
    jsonl = "jsonl"
    parquet = "parquet"


Store = Annotated[
    Optional[str],  # noqa: UP045  (typer reads it at run time)
    typer.Option("--store", metavar="URL", help="The store: sqlite:///PATH. [default: in the data folder]"),
]
Workers = Annotated[
    Optional[int],  # noqa: UP045
    typer.Option("--workers", min=1, help="Processes that clean. [default: one a processor]"),
]
Output = Annotated[
    str, typer.Option("--output", "-o", metavar="FILE|DIR|-", help="Where documents go; - is stdout.")
]
Kind = Annotated[Form, typer.Option("--format", help="How they are written.")]
OnlyUnique = Annotated[bool, typer.Option("--only-unique", help="Leave out copies of other documents.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


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
    inputs: Annotated[
        list[str], typer.Argument(metavar="INPUT...", help="Files, folders, patterns, or - for stdin.")
    ],
    output: Output = "clean.jsonl",
    form: Kind = Form.jsonl,
    store: Store = None,
    workers: Workers = None,
    only_unique: OnlyUnique = False,
    source: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            "--source", metavar="NAME", help="Where the dumps come from. [default: the folder's name]"
        ),
    ] = None,
) -> None:
    """Clean dumps: read, split, deduplicate, store, and write the documents."""
    _finish(
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
def export(
    after: Annotated[int, typer.Option("--after", metavar="CURSOR", min=0, help="Only what came since.")] = 0,
    output: Output = "-",
    form: Kind = Form.jsonl,
    store: Store = None,
    only_unique: OnlyUnique = False,
) -> None:
    """Write stored documents, oldest change first; the next cursor is printed to stderr."""
    _finish(
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
    _finish(
        lambda commands: commands.show(
            id, commands.settings_with(store=store), removed=removed, as_json=as_json
        )
    )


@app.command()
def status(as_json: AsJson = False, store: Store = None) -> None:
    """Print how many dumps and documents there are, by state."""
    _finish(lambda commands: commands.status(commands.settings_with(store=store), as_json=as_json))


@dead.command("list")
def dead_list(store: Store = None) -> None:
    """Print the dead dumps: id, attempts, reason, name, message."""
    _finish(lambda commands: commands.dead_list(commands.settings_with(store=store)))


@dead.command("show")
def dead_show(
    id: Annotated[str, typer.Argument(metavar="ID", help="A dump_id, or how it begins.")], store: Store = None
) -> None:
    """Print why a dump is dead, with the traceback where there is one."""
    _finish(lambda commands: commands.dead_show(id, commands.settings_with(store=store)))


@dead.command("retry")
def dead_retry(
    ids: Annotated[Optional[list[str]], typer.Argument(metavar="ID...", help="dump_ids.")] = None,  # noqa: UP045
    every: Annotated[bool, typer.Option("--all", help="All that are dead.")] = False,
    store: Store = None,
    workers: Workers = None,
) -> None:
    """Clean dead dumps again, now."""
    _finish(
        lambda commands: commands.dead_retry(
            ids or [], commands.settings_with(store=store, workers=workers), every=every
        )
    )


def main() -> None:
    """The console script."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # no text is worth a crash on a narrow terminal
    app()


def _finish(command: Callable[[ModuleType], int]) -> None:
    """Run a command and leave with its exit code; what went wrong is one line on stderr."""
    try:
        from ingest.cli import commands

        code = command(commands)
        sys.stdout.flush()
    except IngestError as error:
        typer.echo(f"ingest: {error}", err=True)
        code = 2
    except KeyboardInterrupt:
        typer.echo("interrupted: what was finished is kept, and the same command again continues", err=True)
        code = 130
    except BrokenPipeError:  # the reader has seen enough, as in `ingest show ID | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    raise typer.Exit(code)
