"""What a source repeats, from the first dump to the second cleaning."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from ingest import clean
from ingest.errors import UsageError
from ingest.model import Dump, Site
from ingest.readers.files import dumps_of
from ingest.run.learning import forget, learn, learn_source, say
from ingest.run.main import Report, run
from ingest.run.results import write_results
from ingest.run.worker import Success
from ingest.settings import Settings, Sites
from ingest.stages.deduplicate import sketches_of
from ingest.stages.furniture import lines_of
from ingest.store import ledger, payloads, records, sites
from ingest.store.opening import open_engine
from ingest.store.transactions import reading, writing
from ingest.store.values import portions
from tests.run.inputs import contents
from tests.store.test_payloads import dump
from tests.store.test_sites import lines_in, results_of, store

BANNER = "The Harbour Observer"
HEADS = ("Pier", "Winter", "Market", "School", "Bridge", "Forest", "Railway", "Museum")


def story(n: int, banner: str = BANNER, closing: str = "") -> str:
    """A story of its own: names and numbers that no other has."""
    name, random = HEADS[n % 8], Random(n)  # noqa: S311
    sentences = [
        f"{name} {' '.join(random.choices(WORDS, k=14))} {n}, the council of the town said on Monday."
        for _ in range(6)
    ]
    return f"{banner}\n{name} number {n} is to be built again\n" + "\n".join([*sentences, closing]) + "\n"


WORDS = [
    f"{a}{b}{c}" for a in ("ka", "lo", "mi", "ru") for b in ("ren", "tas", "vil") for c in ("d", "no", "s")
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "observer"
    folder.mkdir()
    for n in range(8):
        (folder / f"{n}.txt").write_text(story(n))
    return folder


def run_on(folder: Path, engine: Engine, **chosen: Any) -> Report:
    given = Settings(**{"workers": 2, "batch": 4, **chosen})
    dumps = dumps_of([str(folder)], payload_bytes=10**6)
    return run(dumps, engine, given, cleaner="tests.cleaners:furnished_clean", version="1")


def texts(engine: Engine, report: Report) -> list[str]:
    with reading(engine) as connection:
        return [record["text"] for record in records.records_of(connection, report.dump_ids)]


def again(engine: Engine) -> int:
    """Replay, here and now.  -> dumps."""
    with writing(engine) as connection:
        found = [d for _, d in ledger.done_after(connection, ledger.Selection("1"), 0, 100)]
        ledger.open_again(connection, found)
        dumps = payloads.dumps_in(connection, found)
    run(dumps, engine, Settings(workers=1), cleaner="tests.cleaners:furnished_clean", version="1")
    return len(found)


def test_learned_at_the_end_of_a_run_and_applied_when_cleaned_again(folder: Path, engine: Engine) -> None:
    report = run_on(folder, engine)
    [learned] = report.learned
    assert (learned.source, learned.lines, learned.changed) == ("observer", 1, True)
    assert all(text.startswith(BANNER) for text in texts(engine, report))
    before = contents(engine)
    assert run_on(folder, engine).learned == []  # the same input again changes nothing, whatever was learned
    assert contents(engine) == before
    assert again(engine) == 8
    assert not any(BANNER in text for text in texts(engine, report))
    assert again(engine) == 0
    with reading(engine) as connection:  # still known, though nothing keeps the line any more
        assert lines_in(connection, "observer") == [(BANNER.lower(), 8)]
        assert {r["revision"] for r in records.records_of(connection, report.dump_ids)} == {2}


def test_a_run_is_cleaned_with_what_was_known_before_it(folder: Path, engine: Engine) -> None:
    run_on(folder, engine)
    (folder / "new.txt").write_text(story(9))
    report = run_on(folder, engine)
    assert [text.startswith(BANNER) for text in texts(engine, report)] == [True] * 8 + [False]


def test_what_the_processes_are_told_follows_the_source(engine: Engine) -> None:
    papers = ("observer", "courier")
    banners = {paper: f"The {paper} of {paper}town" for paper in papers}
    known = [dump(story(n, banners[papers[n % 2]]).encode(), f"{n}", papers[n % 2]) for n in range(12)]
    store(engine, known)
    assert [learned.lines for learned in learn(engine, Settings())] == [1, 1]
    # Each dump has both banners inside: only its own source's is furniture.
    inside = "\n".join(banners.values())
    mixed = [
        dump(f"{paper} {n}\n{inside}\n{story(50 + n, 'x')}".encode(), f"{paper}{n}", paper)
        for n in range(6)
        for paper in (*papers, "nobody")
    ]
    report = run(mixed, engine, Settings(workers=2), cleaner="tests.cleaners:furnished_clean", version="1")
    for found, one in zip(texts(engine, report), mixed, strict=True):
        assert [banners[paper] in found for paper in papers] == [one.source != paper for paper in papers]


def test_turned_off_a_run_learns_nothing(folder: Path, engine: Engine) -> None:
    off = {"sites": Sites(learn=False)}
    assert run_on(folder, engine, **off).learned == []
    with reading(engine) as connection:
        assert sites.listed(connection) == []


def test_what_a_person_says_is_in_force_until_taken_back(engine: Engine) -> None:
    store(engine, [dump(f"# Banner\n{story(n)}".encode(), f"{n}", "wire") for n in range(6)])
    assert learn(engine, Settings())[0].lines == 2
    assert say(engine, "wire", ["# BANNER"], "keep", Sites()).lines == 1
    assert say(engine, "wire", ["Said by nobody"], "drop", Sites()).lines == 2
    assert learn_source(engine, "wire", Sites()).changed is False  # counting does not overrule it
    with reading(engine) as connection:
        said = {line.example: (line.word, line.stories) for line in sites.lines_of(connection, "wire")}
    assert said == {"# Banner": ("keep", 6), BANNER: (None, 6), "Said by nobody": ("drop", 0)}
    taken_back = say(engine, "wire", ["# banner", "said by nobody"], None, Sites())
    assert taken_back.lines == 2
    with reading(engine) as connection:
        assert lines_in(connection) == [("# banner", 6), (BANNER.lower(), 6)]
    with pytest.raises(UsageError, match="nobody said anything of '# banner'"):
        say(engine, "wire", ["# banner"], None, Sites())
    with pytest.raises(UsageError, match="cannot be a repeated line"):
        say(engine, "wire", ["1 2 3"], "drop", Sites())
    with pytest.raises(UsageError, match="no finished dump"):
        say(engine, "wires", ["Banner"], "drop", Sites())


def test_a_forgotten_source_begins_anew(engine: Engine) -> None:
    dumps = [dump(story(n).encode(), f"{n}", "wire") for n in range(12)]
    store(engine, dumps[:6])
    version = learn_source(engine, "wire", Sites())
    assert version.lines == 1
    forget(engine, "wire")
    assert learn_source(engine, "wire", Sites()).lines == 0
    store(engine, dumps[6:])
    learn_source(engine, "wire", Sites())
    with reading(engine) as connection:
        assert lines_in(connection) == [(BANNER.lower(), 6)]


PAGES = st.lists(
    st.tuples(
        st.sampled_from(["wire", "paper"]), st.lists(st.sampled_from("uvwxyz"), max_size=4), st.integers(0, 4)
    ),
    max_size=12,
)


@settings(max_examples=20)
@given(PAGES, st.randoms(use_true_random=False), st.integers(1, 4))
def test_any_order_of_arrival_at_the_store_counts_alike(
    pages: list[tuple[str, list[str], int]], random: Random, at_once: int
) -> None:
    """Stories with copies among them, done in any order and company, some twice, some counted in between."""
    limits = Sites(stories=2, share=0.1, window=9)
    texts = [
        "\n".join([f"# {n}", *(f"# line {x}" for x in lines), " ".join(f"{copy}w{k}" for k in range(60))])
        for n, (_, lines, copy) in enumerate(pages)
    ]
    dumps = [dump(t.encode(), f"{n}", pages[n][0]) for n, t in enumerate(texts)]

    def learned(order: Sequence[Sequence[Dump]], *, between: bool) -> Any:
        engine = open_engine("sqlite://")
        with writing(engine) as connection:
            payloads.receive(connection, dumps)
        for some in order:
            with writing(engine) as connection:
                write_results(connection, results_of(some), Settings(), version="1")
            if between:
                learn(engine, Settings(sites=limits))
        for source in {one.source for one in dumps}:
            learn_source(engine, source or "", limits)
        found = contents(engine)
        engine.dispose()
        return [found[table] for table in ("sites", "site_lines")]

    shuffled = random.sample(dumps, len(dumps))
    expected = learned([dumps], between=False)
    assert learned(list(portions(shuffled, at_once)), between=True) == expected
    assert learned([*([one] for one in shuffled), shuffled[:2]], between=False) == expected


def furniture_of(dumps: Sequence[str]) -> Site:
    """What the real cleaner's results say of one source."""
    engine = open_engine("sqlite://")
    batch = [dump(text.encode(), f"{n}", "paper") for n, text in enumerate(dumps)]
    results = {}
    for one in batch:
        cleaned = clean(one.payload or b"")
        results[one.dump_id] = Success(cleaned, sketches_of(cleaned), lines_of(cleaned))
    with writing(engine) as connection:
        payloads.receive(connection, batch)
        write_results(connection, results, Settings(), version="1")
    learn(engine, Settings())
    with reading(engine) as connection:
        found = sites.in_force(connection, ["paper"])["paper"]
    engine.dispose()
    return found


def test_a_banner_on_flat_text_that_nothing_else_can_know() -> None:
    dumps = [story(n, "The Syrian Observatory For Human Rights") for n in range(6)]
    site = furniture_of(dumps)
    assert site.furniture == {"the syrian observatory for human rights"}
    [article] = clean(dumps[0], site=site).articles
    assert article.title == "Pier number 0 is to be built again"
    assert "Observatory" not in article.text


def test_a_columnists_standing_sign_off_is_furniture() -> None:
    sign_off = "Jane Miller writes about harbours every Friday and lives by the sea."
    site = furniture_of([story(n, f"Column {n}", sign_off) for n in range(6)])
    assert site.furniture == {sign_off.lower()}
    [article] = clean(story(0, "Column 0", sign_off), site=site).articles
    assert "lives by the sea" not in article.text


def test_a_storys_own_repeated_sentence_is_no_furniture() -> None:
    sentence = "And still nobody on the pier would say a word about it."
    dumps = [story(n, f"Paper {n}", f"{sentence}\n" * 5 if n == 3 else "") for n in range(6)]
    assert furniture_of(dumps).furniture == set()


def test_a_refrain_in_one_long_read_is_no_furniture() -> None:
    refrain = "The tide came in, and the town waited once more."
    long_read = "".join(story(n, refrain) for n in range(9))
    site = furniture_of([long_read, *(story(n, f"Paper {n}") for n in range(20, 26))])
    assert site.furniture == set()


def test_a_syndicated_story_that_came_five_times_is_one_story() -> None:
    dumps = [f"Paper {n}\n" + story(1, "Agency") for n in range(6)]
    assert furniture_of(dumps).furniture == set()


def test_a_headline_that_equals_a_sections_name_is_the_storys_title() -> None:
    section = "Life in the harbour"
    site = furniture_of([story(n, section) for n in range(6)])
    assert site.furniture == {section.lower()}
    body = (
        "Life in the harbour begins before dawn, when the first boats come back from the open sea.\n"
        "By noon the fish is sold, and the men who caught it sit in the shade of the old pier.\n"
    )
    cleaned = clean(f"{section}\n{section}\n{body}", site=site)
    assert [article.title for article in cleaned.articles] == [section]
    assert [r.reason for r in cleaned.removals] == ["site-banner"]


def test_a_date_that_all_stories_of_a_day_bear_stays_a_date() -> None:
    dumps = [story(n, "22 August 2016") for n in range(6)]
    site = Site(frozenset({"22 august 2016"}))
    [article] = clean(dumps[0], site=site).articles
    assert article.published == "2016-08-22"
