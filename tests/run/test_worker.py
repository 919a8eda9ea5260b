"""The cleaning process: what it loads, and what goes to it and comes back."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import ingest
from ingest.index.sketch import Sketch
from ingest.model import Cleaned, Correction, Dump, Site
from ingest.run.worker import Failure, Success, outcome_of
from ingest.settings import Cleaning


def test_it_loads_what_cleans_and_nothing_that_stores() -> None:
    code = "import sys, ingest.run.worker, ingest.pipeline; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"sqlalchemy", "alembic", "celery", "redis", "typer", "fastapi", "scrapy"} & set(loaded)


def test_what_is_sent_comes_as_it_was(seeds: list[Path]) -> None:
    for seed in seeds:
        payload = seed.read_bytes()
        dump = Dump(
            "0" * 64, payload, seed.name, "wire", None, None, len(payload), (Correction(0, 1, "title"),)
        )
        success = outcome_of(ingest.clean, dump, Cleaning())
        assert isinstance(success, Success)
        for value in (dump, success, success.cleaned, success.sketches[0]):
            assert type(value) in (Dump, Success, Cleaned, Sketch)
            assert pickle.loads(pickle.dumps(value)) == value  # noqa: S301  (our own bytes)
    for other in (Failure("empty", "nothing to read in it"), Site()):
        assert pickle.loads(pickle.dumps(other)) == other  # noqa: S301
