"""`ingest tokens`: names and flags."""

from __future__ import annotations

from typing import Annotated, Optional

import typer

from ingest.cli.options import AsJson, Store, finish

app = typer.Typer(
    help="Who may use the API: create, list, revoke.", no_args_is_help=True, rich_markup_mode=None
)
_HOME = "ingest.cli.access"


@app.command("create")
def create(
    scopes: Annotated[list[str], typer.Option("--scope", help="push, read, review or admin; repeatable.")],
    name: Annotated[str, typer.Option("--name", help="What it is for; shown in lists.")] = "",
    days: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option("--expires", metavar="DAYS", help="How long it is valid. [default: until revoked]"),
    ] = None,
    store: Store = None,
) -> None:
    """Make a token and print it: nobody can show it again."""
    finish(
        lambda access: access.create(access.settings_with(store=store), scopes, name=name, days=days),
        home=_HOME,
    )


@app.command("list")
def tokens_list(as_json: AsJson = False, store: Store = None) -> None:
    """Print id, scopes, validity and name of each token."""
    finish(lambda access: access.list_tokens(access.settings_with(store=store), as_json=as_json), home=_HOME)


@app.command("revoke")
def revoke(
    id: Annotated[str, typer.Argument(metavar="ID", help="The id, as the list shows it.")],
    store: Store = None,
) -> None:
    """End a token; the API refuses it within seconds."""
    finish(lambda access: access.revoke(access.settings_with(store=store), id), home=_HOME)
