"""A person's word on a span of a dump: stored, undoable, and in force at once.

The dump is cleaned anew with all that was said of it, and its documents change as they do after any cleaning: by
a revision, with copies judged anew.  Whoever cleans it later does the same, so a correction outlives pipelines.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, Engine, select

from ingest.errors import Unavailable, UsageError
from ingest.model import REASONS, Correction, Dump, Site
from ingest.pipeline import VERSION
from ingest.review.page import Piece, page_of
from ingest.run import learning
from ingest.run.pool import Outcome
from ingest.run.results import write_results
from ingest.run.worker import Success
from ingest.settings import Settings
from ingest.store import corrections, sites
from ingest.store.corrections import Made
from ingest.store.payloads import dumps_in
from ingest.store.schema import ledger
from ingest.store.transactions import reading, writing

Clean = Callable[[Dump, Site | None], Outcome]

KINDS = ("paragraph", "heading", "title", "standfirst", "byline", "date", "caption")
_TRIES = 3  # of several people at one dump at once


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants of a span."""

    dump_id: str
    correction: Correction
    everywhere: bool = False  # on this site always, where such a line stands


class Reviewer:
    """Corrects the documents of a store in somebody's name."""

    def __init__(self, engine: Engine, settings: Settings, clean: Clean, by: str) -> None:
        self._engine, self._settings, self._clean, self._by = engine, settings, clean, by

    def correct(self, wish: Wish) -> int:
        """Have it so.  -> the correction's id.

        Raises UsageError where the dump has no such span (any more), is being cleaned or cannot be, or for a
        site's rule where its line cannot be one; Unavailable.
        """
        _check(wish.correction)
        with reading(self._engine) as connection:
            dump = _dump(connection, wish.dump_id)
            piece = _piece(connection, wish)
        source = word_before = None
        if wish.everywhere:
            source = sites.source_of(dump.source, dump.url)
            if source is None:
                raise UsageError("it is not known what site this dump is of: only this dump can be corrected")
            word_before = self._say(source, piece.text, word_for(wish.correction))
        made: list[int] = []

        def write(connection: Connection) -> None:
            made.append(
                corrections.add(
                    connection,
                    wish.dump_id,
                    wish.correction,
                    text=piece.text,
                    before=piece.said,
                    by=self._by,
                    source=source,
                    word_before=word_before,
                )
            )

        self._rewrite(wish.dump_id, lambda said: [*_words(said), wish.correction], write)
        return made[-1]

    def undo(self, correction_id: int) -> Made:
        """Take it back, and the site's rule that it made; one that was undone before stays so.

        Errors as of `correct`.
        """
        with reading(self._engine) as connection:
            made = corrections.find(connection, correction_id)
        if made is None:
            raise UsageError(f"no correction has the number {correction_id}")
        if made.undone_at is not None:
            return made
        if made.source is not None:
            self._say(made.source, made.text, _word_of(made.word_before))
        self._rewrite(
            made.dump_id,
            lambda said: _words([one for one in said if one.correction_id != correction_id]),
            lambda connection: corrections.mark_undone(connection, correction_id, self._by),
        )
        return made

    def _say(self, source: str, text: str, word: sites.Word | None) -> sites.Word | None:
        """Give a site's line this word.  -> the one that it had."""
        line = learning.line_named(text)
        with reading(self._engine) as connection:
            before = next(
                (known.word for known in sites.lines_of(connection, source) if known.line == line), None
            )
        if word != before:
            learning.say(self._engine, source, [text], word, self._settings.sites)
        return before

    def _rewrite(
        self,
        dump_id: str,
        wanted: Callable[[Sequence[Made]], list[Correction]],
        write: Callable[[Connection], None],
    ) -> None:
        """Clean the dump with what is `wanted` of what stands, and store that together with what `write` writes."""
        for _ in range(_TRIES):
            with reading(self._engine) as connection:
                dump, stands = _dump(connection, dump_id), corrections.standing(connection, dump_id)
                known_as = sites.source_of(dump.source, dump.url)
                site = sites.in_force(connection, [known_as])[known_as]
            outcome = self._clean(replace(dump, corrections=tuple(wanted(stands))), site)
            if not isinstance(outcome, Success):
                raise UsageError(f"so it cannot be cleaned: {outcome.reason}: {outcome.message}")
            with writing(self._engine) as connection:
                _lock(connection, dump_id)
                if corrections.standing(connection, dump_id) != stands:
                    continue  # somebody else was at it
                write(connection)
                write_results(connection, {dump_id: outcome}, self._settings, version=VERSION)
                return
        raise Unavailable("others correct this dump at the same time")


def _check(correction: Correction) -> None:
    if correction.kind == "boilerplate":
        if correction.reason not in REASONS:
            raise UsageError(f"give one of these reasons: {', '.join(REASONS)}")
    elif correction.kind not in KINDS or correction.reason is not None:
        raise UsageError(f"what is kept is one of these, without a reason: {', '.join(KINDS)}")


def _dump(connection: Connection, dump_id: str) -> Dump:
    dumps = dumps_in(connection, [dump_id])
    if not dumps:
        raise UsageError("no dump with this id was pushed")
    if dumps[0].payload is None:
        raise UsageError("the bytes of this dump are not kept: it cannot be cleaned anew")
    return dumps[0]


def _piece(connection: Connection, wish: Wish) -> Piece:
    for piece in page_of(connection, wish.dump_id):
        if (piece.start, piece.end) == (wish.correction.start, wish.correction.end) and piece.end:
            return piece
    raise UsageError("this dump has no such span (any more): look at its page again")


def _lock(connection: Connection, dump_id: str) -> None:
    """Nobody has the dump in work: who takes it from now on finds what is written here."""
    asked = select(ledger.c.state).where(ledger.c.dump_id == dump_id).with_for_update()
    state = connection.scalar(asked)
    if state != "done":
        raise UsageError(f"this dump is {state} now: correct it when it is done")


def _words(said: Sequence[Made]) -> list[Correction]:
    return [made.correction for made in said]


def word_for(correction: Correction) -> sites.Word:
    """What a site's rule says that makes the same of the line everywhere."""
    return "drop" if correction.kind == "boilerplate" else "restore"


def _word_of(word: str | None) -> sites.Word | None:
    return word if word in ("keep", "drop", "restore") else None  # type: ignore[return-value]
