"""`ingest dead`: names and flags."""

from __future__ import annotations

from typing import Annotated, Optional

import typer

from ingest.cli.options import Broker, Store, Workers, finish

app = typer.Typer(
    help="Dumps that were given up: list, show, retry.", no_args_is_help=True, rich_markup_mode=None
)


@app.command("list")
def dead_list(store: Store = None) -> None:
    """Print the dead dumps: id, attempts, reason, name, message."""
    finish(lambda commands: commands.dead_list(commands.settings_with(store=store)))


@app.command("show")
def dead_show(
    id: Annotated[str, typer.Argument(metavar="ID", help="A dump_id, or how it begins.")], store: Store = None
) -> None:
    """Print why a dump is dead, with the traceback where there is one."""
    finish(lambda commands: commands.dead_show(id, commands.settings_with(store=store)))


@app.command("retry")
def dead_retry(
    ids: Annotated[Optional[list[str]], typer.Argument(metavar="ID...", help="dump_ids.")] = None,  # noqa: UP045
    every: Annotated[bool, typer.Option("--all", help="All that are dead.")] = False,
    store: Store = None,
    broker: Broker = None,
    workers: Workers = None,
) -> None:
    """Clean dead dumps again: by the workers where a broker is set, else here and now."""
    finish(
        lambda again: again.dead_retry(
            ids or [], again.settings_with(store=store, broker=broker, workers=workers), every=every
        ),
        home="ingest.cli.again",
    )
