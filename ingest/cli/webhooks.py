"""`ingest webhooks`: names and flags."""

from __future__ import annotations

from typing import Annotated

import typer

from ingest.cli.options import AsJson, Store, finish

app = typer.Typer(
    help="Who is told of changes over HTTP: add, list, remove, retry.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
_HOME = "ingest.cli.telling"

Id = Annotated[str, typer.Argument(metavar="ID", help="The id, as the list shows it.")]


@app.command("add")
def webhooks_add(
    url: Annotated[str, typer.Argument(metavar="URL", help="What is posted to: https://HOST/PATH.")],
    from_start: Annotated[
        bool, typer.Option("--from-start", help="Tell it all that there is, and not only what comes.")
    ] = False,
    store: Store = None,
) -> None:
    """Have an address told of changes; print its id, and the secret that signs them: nobody shows it again."""
    finish(lambda home: home.add(home.settings_with(store=store), url, from_start=from_start), home=_HOME)


@app.command("list")
def webhooks_list(as_json: AsJson = False, store: Store = None) -> None:
    """Print id, state, changes behind, last delivery, failures, URL and last error of each."""
    finish(lambda home: home.list_webhooks(home.settings_with(store=store), as_json=as_json), home=_HOME)


@app.command("remove")
def webhooks_remove(id: Id, store: Store = None) -> None:
    """Tell it nothing more."""
    finish(lambda home: home.remove(home.settings_with(store=store), id), home=_HOME)


@app.command("retry")
def webhooks_retry(id: Id, store: Store = None) -> None:
    """Try a dead one again, or a failing one now; it gets all that it missed."""
    finish(lambda home: home.retry(home.settings_with(store=store), id), home=_HOME)
