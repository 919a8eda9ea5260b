from __future__ import annotations

import subprocess
import sys

import pytest

from ingest import Deduplicator, Verdict
from ingest.errors import UsageError
from ingest.settings import NearCopies
from tests.index.contract import OTHER, STORY


def test_in_memory_it_forgets() -> None:
    for _ in range(2):
        with Deduplicator() as index:
            assert index.add("a", STORY) == Verdict("unique")
            assert index.add("b", STORY.title()) == Verdict("exact-copy", "a", 1.0, "exact")
            assert index.add("c", STORY + " more") == Verdict("near-copy", "a", 1.0, "near")
            assert index.add("d", OTHER) == Verdict("unique")
            assert index.add("c", STORY + " more") == Verdict("near-copy", "a", 1.0, "near")


def test_two_in_memory_know_nothing_of_each_other() -> None:
    with Deduplicator() as one, Deduplicator() as two:
        one.add("a", STORY)
        assert two.add("b", STORY) == Verdict("unique")


def test_with_a_store_it_remembers(store_url: str) -> None:
    with Deduplicator(store_url) as index:
        index.add("a", STORY)
    with Deduplicator(store_url) as index:
        assert index.add("b", STORY) == Verdict("exact-copy", "a", 1.0, "exact")
        assert index.add("a", STORY) == Verdict("unique")


def test_settings_are_heeded() -> None:
    with Deduplicator(settings=NearCopies(minimum_shingles=500)) as index:
        index.add("a", STORY)
        assert index.add("b", STORY + " more") == Verdict("unique")


def test_closed_is_closed() -> None:
    index = Deduplicator()
    index.close()
    with pytest.raises(UsageError):
        index.add("a", STORY)


def test_of_two_processes_with_one_text_exactly_one_is_first(store_url: str) -> None:
    code = (
        "import sys; from ingest import Deduplicator\n"
        "with Deduplicator(sys.argv[1]) as index:\n"
        "    for n in range(30):\n"
        "        text = ' '.join(f'{n}w{k}' for k in range(60))\n"
        "        print(index.add(f'{sys.argv[2]}{n}', text).status)\n"
    )
    both = [
        subprocess.Popen([sys.executable, "-c", code, store_url, name], stdout=subprocess.PIPE, text=True)
        for name in "ab"
    ]
    said = [process.communicate()[0].split() for process in both]
    assert all(sorted(pair) == ["exact-copy", "unique"] for pair in zip(*said, strict=True))


def test_with_minhash_the_answers_are_of_the_same_shape() -> None:
    with Deduplicator(method="minhash") as index:
        assert index.add("a", STORY) == Verdict("unique")
        assert index.add("b", STORY.title()) == Verdict("exact-copy", "a", 1.0, "exact")
        assert index.add("c", STORY + " more") == Verdict("near-copy", "a", 1.0, "near")
        assert index.add("d", OTHER) == Verdict("unique")


def test_minhash_has_no_store(store_url: str) -> None:
    with pytest.raises(UsageError, match="in memory only"):
        Deduplicator(store_url, method="minhash")
