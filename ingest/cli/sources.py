"""`ingest sources`: names and flags."""

from __future__ import annotations

from enum import Enum
from typing import Annotated, Optional

import typer

from ingest.cli.options import AsJson, Store, finish

app = typer.Typer(
    help="Where dumps are fetched from: list, status, add, check, enable, disable.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
_HOME = "ingest.cli.crawling"

Name = Annotated[str, typer.Argument(metavar="NAME", help="The source, as the list shows it.")]


class Kind(str, Enum):  # noqa: UP042  (typer shows its values)
    feed = "feed"
    sitemap = "sitemap"


@app.command("list")
def sources_list(as_json: AsJson = False, store: Store = None) -> None:
    """Print the sources: whether the schedule crawls them, kind, schedule, name, where they begin."""
    finish(lambda home: home.list_sources(home.settings_with(store=store), as_json=as_json), home=_HOME)


@app.command("status")
def sources_status(as_json: AsJson = False, store: Store = None) -> None:
    """Print how they do: alert, last success, new pages of a day and usually, shares of copies and of dumps
    without an article, errors of a day, name."""
    finish(lambda home: home.status(home.settings_with(store=store), as_json=as_json), home=_HOME)


@app.command("add")
def sources_add(
    url: Annotated[
        str,
        typer.Argument(
            metavar="URL", help="A site, whose feeds and sitemaps are looked for, or one of these."
        ),
    ],
    name: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            "--name", metavar="NAME", help="What its dumps have as their source. [default: the host]"
        ),
    ] = None,
    kind: Annotated[
        Optional[Kind],  # noqa: UP045
        typer.Option("--kind", help="What of it is taken. [default: feeds, else sitemaps]"),
    ] = None,
    every: Annotated[
        Optional[float],  # noqa: UP045
        typer.Option("--every", metavar="MINUTES", min=1, help="How often it is crawled. [default: 60]"),
    ] = None,
    store: Store = None,
) -> None:
    """Look for the feeds and sitemaps of a site, and have it crawled from now on."""
    finish(
        lambda home: home.add_source(
            url,
            home.settings_with(store=store),
            name=name,
            kind=kind.value if kind else None,
            every=every,
        ),
        home=_HOME,
    )


@app.command("check")
def sources_check(name: Name, store: Store = None) -> None:
    """Fetch what lists its pages, once, and print what would be fetched.  Nothing is stored."""
    finish(lambda home: home.check_source(name, home.settings_with(store=store)), home=_HOME)


@app.command("enable")
def sources_enable(name: Name, store: Store = None) -> None:
    """Have the schedule crawl it, whatever the file says."""
    finish(lambda home: home.say(name, home.settings_with(store=store), "enable"), home=_HOME)


@app.command("disable")
def sources_disable(name: Name, store: Store = None) -> None:
    """Have the schedule leave it alone, whatever the file says."""
    finish(lambda home: home.say(name, home.settings_with(store=store), "disable"), home=_HOME)
