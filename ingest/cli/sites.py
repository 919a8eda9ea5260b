"""`ingest sites`: names and flags."""

from __future__ import annotations

from typing import Annotated, Optional

import typer

from ingest.cli.options import AsJson, Store, finish

app = typer.Typer(
    help="What the stories of a source repeat, which is its furniture: list, show, keep, drop, forget.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
_HOME = "ingest.cli.furniture"

Source = Annotated[str, typer.Argument(metavar="SOURCE", help="The source, as the list shows it.")]
Lines = Annotated[list[str], typer.Argument(metavar="LINE...", help="Lines, as the dumps write them.")]


@app.command("list")
def sites_list(as_json: AsJson = False, store: Store = None) -> None:
    """Print the sources: lines in force, stories counted, when, version, name."""
    finish(lambda home: home.list_sites(home.settings_with(store=store), as_json=as_json), home=_HOME)


@app.command("show")
def sites_show(source: Source, as_json: AsJson = False, store: Store = None) -> None:
    """Print what a source repeats: in how many of its stories, since when, who says so, the line."""
    finish(lambda home: home.show_site(home.settings_with(store=store), source, as_json=as_json), home=_HOME)


@app.command("learn")
def sites_learn(source: Source, store: Store = None) -> None:
    """Count a source's stories now; else that is done when a tenth of them is new."""
    finish(lambda home: home.learn_site(home.settings_with(store=store), source), home=_HOME)


@app.command("keep")
def sites_keep(source: Source, lines: Lines, store: Store = None) -> None:
    """These lines are no furniture, however many stories hold them."""
    finish(lambda home: home.say(home.settings_with(store=store), source, lines, "keep"), home=_HOME)


@app.command("drop")
def sites_drop(source: Source, lines: Lines, store: Store = None) -> None:
    """These lines are furniture, however few stories hold them."""
    finish(lambda home: home.say(home.settings_with(store=store), source, lines, "drop"), home=_HOME)


@app.command("forget")
def sites_forget(
    source: Source,
    lines: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Argument(metavar="LINE...", help="Lines of keep or drop. [default: all about the source]"),
    ] = None,
    store: Store = None,
) -> None:
    """Take back keep or drop of these lines; without lines, forget the source and begin to learn anew."""
    finish(lambda home: home.forget(home.settings_with(store=store), source, lines or []), home=_HOME)
