"""The library's face: `clean` and `split`."""

from __future__ import annotations

import hashlib
import subprocess
import sys

import pytest

import ingest
from ingest.errors import UnusableDump
from ingest.settings import Cleaning
from ingest.stages.assemble import document_id_of
from tests.golden import CASES

PAGE = (CASES / "news-page/dump.html").read_bytes()
TWO = (CASES / "two-stories-page/dump.txt").read_bytes()


def test_ids_come_from_the_payload_alone() -> None:
    cleaned = ingest.clean(TWO)
    assert cleaned.dump_id == hashlib.sha256(TWO).hexdigest()
    assert [a.document_id for a in cleaned.articles] == [document_id_of(cleaned.dump_id, n) for n in (1, 2)]


def test_same_answer_in_another_process() -> None:
    code = "import sys, ingest; print(ascii(ingest.clean(sys.stdin.buffer.read())))"
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            input=PAGE,
            capture_output=True,
            check=True,
            env={"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert outputs == {f"{ingest.clean(PAGE)!a}\n".encode()}


def test_only_the_primary_article_inherits_the_url() -> None:
    cleaned = ingest.clean(TWO, url="https://site.example/a")
    assert [a.url for a in cleaned.articles] == ["https://site.example/a", None]


def test_a_trailing_story_has_fields_of_its_own() -> None:
    primary, trailing = ingest.clean(TWO).articles
    assert primary.published == "2020-10-11"
    assert trailing.published is None
    assert trailing.captions == ("Elena Petrova after the last game in Hall Two (Chess Union)",)
    assert trailing.evidence
    assert not primary.captions


def test_thresholds_are_settings() -> None:
    whole = ingest.clean(TWO, settings=Cleaning(split_at=1.0))
    (article,) = whole.articles
    assert article.possible_mixed is not None
    assert ingest.split(TWO.decode().split("\n"), settings=Cleaning(split_at=1.0)) == []


def test_the_witness_alone_can_be_asked() -> None:
    ours, theirs = (
        ingest.clean(PAGE, settings=Cleaning(labeller=name)) for name in ("blocks", "trafilatura")
    )
    assert ours.articles
    assert theirs.articles
    assert "3 min read" not in ours.articles[0].text


def test_a_page_without_a_story_gives_none() -> None:
    cleaned = ingest.clean("Home\nNews\nContact")
    assert cleaned.articles == ()
    assert [r.text for r in cleaned.removals] == ["Home", "News", "Contact"]


@pytest.mark.parametrize("blank", ["", " \n\t ", b"", b"\xef\xbb\xbf"])
def test_blank_payloads_are_empty_pages(blank: str | bytes) -> None:
    cleaned = ingest.clean(blank)
    assert (cleaned.articles, cleaned.removals) == ((), ())


def test_bytes_that_are_no_text() -> None:
    with pytest.raises(UnusableDump, match="binary"):
        ingest.clean(bytes(100))


def test_split_takes_any_lines() -> None:
    assert ingest.split([]) == []
    assert ingest.split(["", "a\nb", "\r"]) == []


@pytest.mark.parametrize(
    "payload",
    [
        b"word " * 400_000,
        b"x" * 2_000_000,
        b"(" * 200_000,
        b"<" * 200_000,
        b"&" * 200_000,
        b"22 August, 2016 " * 20_000,
        b"- " * 100_000,
    ],
)
def test_long_lines_are_bounded(payload: bytes) -> None:
    cleaned = ingest.clean(payload)
    assert len(cleaned.text) == len(payload)
