"""A person's word on a span of a dump: stored, undoable, and in force at once.

The dump is cleaned anew with all that was said of it, and its documents change as they do after any cleaning: by
a revision, with copies judged anew.  Whoever cleans it later does the same, so a correction outlives pipelines.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from sqlalchemy import Connection, Engine, select

from ingest.errors import Unavailable, UsageError
from ingest.model import Cleaned, Correction, Dump, Site
from ingest.review.stories import NO_OTHER_STORIES, stories_in, stories_of
from ingest.review.wish import Wish, spoken_of, word_for
from ingest.run import learning
from ingest.run.pool import Outcome
from ingest.run.results import write_results
from ingest.run.worker import Success
from ingest.settings import Settings
from ingest.store import corrections, pairs, sites
from ingest.store.corrections import Made
from ingest.store.payloads import dumps_in
from ingest.store.schema import ledger
from ingest.store.transactions import reading, writing
from ingest.version import VERSION

Clean = Callable[[Dump, Site | None], Outcome]

_TRIES = 3  # of several people at one dump at once


class Reviewer:
    """Corrects the documents of a store in somebody's name."""

    def __init__(self, engine: Engine, settings: Settings, clean: Clean, by: str) -> None:
        self._engine, self._settings, self._clean, self._by = engine, settings, clean, by

    def correct(self, wish: Wish) -> int:
        """Have it so.  -> the correction's id.

        Raises UsageError where the dump has no such span (any more), is being cleaned or cannot be, or for a
        site's rule where its line cannot be one; Unavailable.
        """
        wish.check()
        with reading(self._engine) as connection:
            dump = cleanable(connection, wish.dump_id)
            piece, before = spoken_of(connection, wish)
        source = word_before = None
        if wish.everywhere:
            source = sites.source_of(dump.source, dump.url)
            if source is None:
                raise UsageError("it is not known what site this dump is of: only this dump can be corrected")
            word_before = self._say(source, piece.text, word_for(wish.correction))
        made: list[int] = []

        def write(connection: Connection, cleaned: Cleaned) -> None:
            if wish.is_cut and stories_in(connection, wish.dump_id) == stories_of(cleaned):
                raise UsageError(NO_OTHER_STORIES)
            made.append(
                corrections.add(
                    connection,
                    wish.dump_id,
                    wish.correction,
                    text=piece.text,
                    before=before,
                    by=self._by,
                    source=source,
                    word_before=word_before,
                )
            )

        try:
            self._rewrite(wish.dump_id, lambda said: [*_words(said), wish.correction], write)
        except (UsageError, Unavailable):
            if source is not None:  # a rule that no correction stands for, nobody could undo
                self._say(source, piece.text, word_before)
            raise
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
            lambda connection, _: corrections.mark_undone(connection, correction_id, self._by),
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
        write: Callable[[Connection, Cleaned], None],
    ) -> None:
        """Clean the dump with what is `wanted` of what stands, and store that together with what `write` writes.

        Where stories are cut anew, numbers of parts mean other stories: words on links of those are taken back.
        """
        for _ in range(_TRIES):
            with reading(self._engine) as connection:
                dump, stands = cleanable(connection, dump_id), corrections.standing(connection, dump_id)
                known_as = sites.source_of(dump.source, dump.url)
                site = sites.in_force(connection, [known_as])[known_as]
            outcome = self._clean(replace(dump, corrections=tuple(wanted(stands))), site)
            if not isinstance(outcome, Success):
                raise UsageError(f"so it cannot be cleaned: {outcome.reason}: {outcome.message}")
            with writing(self._engine) as connection:
                _lock(connection, dump_id)
                if corrections.standing(connection, dump_id) != stands:
                    continue  # somebody else was at it
                write(connection, outcome.cleaned)
                moved = _moved(connection, outcome.cleaned)
                pairs.mark_undone(
                    connection, [one.pair_id for one in pairs.of_documents(connection, moved)], self._by
                )
                write_results(connection, {dump_id: outcome}, self._settings, version=VERSION)
                return
        raise Unavailable("others correct this dump at the same time")


def cleanable(connection: Connection, dump_id: str) -> Dump:
    """The dump, with its bytes and all that was said of it.  Raises UsageError where it cannot be cleaned anew."""
    dumps = dumps_in(connection, [dump_id])
    if not dumps:
        raise UsageError("no dump with this id was pushed")
    if dumps[0].payload is None:
        raise UsageError("the bytes of this dump are not kept: it cannot be cleaned anew")
    return dumps[0]


def _lock(connection: Connection, dump_id: str) -> None:
    """Nobody has the dump in work: who takes it from now on finds what is written here."""
    asked = select(ledger.c.state).where(ledger.c.dump_id == dump_id).with_for_update()
    state = connection.scalar(asked)
    if state != "done":
        raise UsageError(f"this dump is {state} now: correct it when it is done")


def _moved(connection: Connection, cleaned: Cleaned) -> list[str]:
    """Documents of the dump that will tell another story; none where it tells as many as before."""
    before, after = stories_in(connection, cleaned.dump_id), stories_of(cleaned)
    if len(before) == len(after):
        return []
    return [document_id for document_id, start in before.items() if after.get(document_id) != start]


def _words(said: Sequence[Made]) -> list[Correction]:
    return [made.correction for made in said]


def _word_of(word: str | None) -> sites.Word | None:
    return word if word in ("keep", "drop", "restore") else None  # type: ignore[return-value]
