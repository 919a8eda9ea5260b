"""Flags that several commands share, and how every command ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from enum import StrEnum
from importlib import import_module
from types import ModuleType
from typing import Annotated, Optional

import typer

from ingest.errors import IngestError


class Form(StrEnum):
    jsonl = "jsonl"
    parquet = "parquet"


Store = Annotated[
    Optional[str],  # noqa: UP045  (typer reads it at run time)
    typer.Option(
        "--store",
        metavar="URL",
        help="The store: sqlite:///PATH or postgresql+psycopg://USER@HOST/NAME. [default: in the data folder]",
    ),
]
Workers = Annotated[
    Optional[int],  # noqa: UP045
    typer.Option("--workers", min=1, help="Processes that clean. [default: one a processor]"),
]
Output = Annotated[
    str, typer.Option("--output", "-o", metavar="FILE|DIR|-", help="Where documents go; - is stdout.")
]
Kind = Annotated[Form, typer.Option("--format", help="How they are written.")]
OnlyUnique = Annotated[
    bool, typer.Option("--only-unique", help="Of each group of copies only the one that stands for it.")
]
Source = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--source", metavar="NAME", help="Where the dumps come from. [default: the folder's name]"),
]
Inputs = Annotated[
    list[str], typer.Argument(metavar="INPUT...", help="Files, folders, patterns, or - for stdin.")
]
Folders = Annotated[
    list[str], typer.Argument(metavar="FOLDER...", help="Folders to watch, with all that is in them.")
]
Poll = Annotated[
    bool,
    typer.Option(
        "--poll", help="Look for changes, where nobody tells of them: on network file systems (NFS, SMB)."
    ),
]
Broker = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--broker", metavar="URL", help="The broker: redis://HOST:PORT/0."),
]
Concurrency = Annotated[
    Optional[int],  # noqa: UP045
    typer.Option("--concurrency", min=1, help="Dumps cleaned at once. [default: one a processor]"),
]
Queues = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(
        "--queues", metavar="NAMES", help="Queues that it reads. [default: clean,maintenance,deliver]"
    ),
]
MetricsPort = Annotated[
    Optional[int],  # noqa: UP045
    typer.Option(
        "--metrics-port", min=0, max=65535, help="Show what it counts to Prometheus. [default: 0: do not]"
    ),
]
Check = Annotated[
    bool, typer.Option("--check", help="Only tell whether one is alive on this machine (exit code 0 or 1).")
]
Host = Annotated[str, typer.Option("--host", metavar="ADDRESS", help="Where the API listens.")]
Port = Annotated[int, typer.Option("--port", min=1, max=65535, help="Where the API listens.")]
Demo = Annotated[
    bool, typer.Option("--demo", help="Push the five dumps of seeds/, and say what came of them.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def finish(command: Callable[[ModuleType], int], *, home: str = "ingest.cli.commands") -> None:
    """Run a command and leave with its exit code; what went wrong is one line on stderr.

    The command gets the module `home`, where the work is: loaded now, not by `ingest --help`.
    """
    try:
        code = command(import_module(home))
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
