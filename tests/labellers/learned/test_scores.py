"""The shipped networks: what they say of pages, in whatever process."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest

from ingest.labellers.learned.features import features_of
from ingest.labellers.learned.network import shipped
from ingest.labellers.learned.scores import REASONS, body_scores, likely_reasons, probabilities
from ingest.pipeline import read_page
from ingest.stages.decode import decode
from tests.conftest import ROOT
from training.labelling.weights import save

PAGE = ROOT / "tests/cases/news-page/dump.html"
SEED = ROOT / "tests/cases/german-flat/dump.txt"

_SAY = """
import sys
from pathlib import Path
from ingest.labellers.learned.features import features_of
from ingest.labellers.learned.scores import body_scores
from ingest.pipeline import read_page
from ingest.stages.decode import decode
for file in sys.argv[1:]:
    print(body_scores(features_of(read_page(decode(Path(file).read_bytes())))).tobytes().hex())
"""


@pytest.mark.parametrize("name", ["labeller-html", "labeller-flat", "reasons-flat"])
def test_weights_are_small_and_have_their_card(name: str) -> None:
    folder = files("ingest.models")
    assert len(folder.joinpath(f"{name}.npz").read_bytes()) < 5_000_000
    assert "## Known failures" in folder.joinpath(f"{name}.md").read_text(encoding="utf-8")


def test_the_same_in_every_process() -> None:
    """Also where sets have another order."""
    said = {
        subprocess.run(
            [sys.executable, "-c", _SAY, str(PAGE), str(SEED)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1


def test_one_score_a_span() -> None:
    for file in (PAGE, SEED):
        page = read_page(decode(file.read_bytes()))
        scores = body_scores(features_of(page))
        assert scores.shape == (len(page.spans),)
        assert ((scores >= 0) & (scores <= 1)).all()


def test_a_page_without_text_has_no_scores() -> None:
    assert body_scores(features_of(read_page(decode("<p></p>", "text/html")))).shape == (0,)


def test_one_reason_a_line() -> None:
    page = read_page(decode(SEED.read_bytes()))
    reasons = likely_reasons(features_of(page))
    assert len(reasons) == len(page.spans)
    assert set(reasons) <= set(REASONS)
    assert likely_reasons(features_of(read_page(decode("")))) == []


def test_weights_of_another_training(tmp_path: Path) -> None:
    """What the folder lacks is as shipped."""
    html, flat = (features_of(read_page(decode(file.read_bytes()))) for file in (PAGE, SEED))
    first, *_ = shipped("labeller-flat.npz")
    save([replace(first, outcome=(-first.outcome[0], -first.outcome[1]))], tmp_path / "labeller-flat.npz")
    assert (body_scores(html, tmp_path) == body_scores(html)).all()
    assert body_scores(flat, tmp_path).argmax() == next(probabilities([first], flat)).argmin()
