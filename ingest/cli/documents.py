"""Commands on what the store holds."""

from __future__ import annotations

from typing import Annotated, Optional

import typer

from ingest.cli.options import (
    AsJson,
    Broker,
    Form,
    Kind,
    OnlyUnique,
    Output,
    Store,
    Workers,
    finish,
)

app = typer.Typer()


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
