"""The benchmarks end to end on a page set of three."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.cleaning import Heat, compete
from benchmarks.contest import Cleaner, Contestant, Output
from benchmarks.pageset import Page
from benchmarks.tallies import Dump

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "tests/cases/news-page/dump.html").read_text(encoding="utf-8")
GOLD = json.loads((ROOT / "tests/cases/news-page/expected.json").read_text(encoding="utf-8"))["articles"][0][
    "text"
]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("benchmarks") / "pages"
    (folder / "html").mkdir(parents=True)
    rows = []
    for n, source in enumerate(("wcxb", "fundus", "fundus")):
        row = {"id": f"p{n}", "source": source, "page_type": "article", "language": "en", "text": GOLD}
        rows.append(row | {"with": ["harbour bridge"], "without": ["Your comment"]})
        with gzip.open(folder / "html" / f"p{n}.html.gz", "wb") as file:
            file.write(PAGE.replace("2023", f"202{n}").encode())
    (folder / "pages.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return folder


def ran(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "benchmarks" / script), *arguments]
    return subprocess.run(
        command, check=False, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )


def rows_of(output: str, first: str) -> list[list[str]]:
    cells = [[cell.strip() for cell in row.split("|")[1:-1]] for row in output.splitlines() if "|" in row]
    return [row for row in cells if row[0] == first]


def test_peers_and_flat_rules_side_by_side(pages: Path) -> None:
    done = ran("cleaning.py", str(pages), "--check")
    assert (done.returncode, done.stderr) == (0, "")
    html, text = rows_of(done.stdout, "ingest")
    assert html[1:4] == ["1.0000"] * 3
    assert (html[-1], text[-1]) == ("0", "0")
    assert float(html[-2]) > 20  # MB: more than an empty interpreter
    assert rows_of(done.stdout, "trafilatura")[0][8] == "1.00"
    assert rows_of(done.stdout, "fundus en")[0][1] == "2"
    assert rows_of(done.stdout, "every line")[0][2] == "1.0000"
    versions = next(line for line in done.stdout.splitlines() if "boilerpy3" in line)
    assert ("boilerpy3 is missing" in versions) != bool(rows_of(done.stdout, "boilerpy3"))


def test_lines_made_elsewhere(pages: Path, tmp_path: Path) -> None:
    lines = ["News", *GOLD.split("\n\n"), "3 min read", "captcha", ""]
    labels = [0, *[1] * len(GOLD.split("\n\n")), 0, 0, 0]
    row = {
        "id": "p1",
        "style": "region",
        "lines": lines,
        "labels": labels,
        "notes": ["short", *[""] * 20][: len(lines)],
    }
    file = tmp_path / "region.jsonl"
    file.write_text(json.dumps(row) + "\n" + json.dumps(row | {"id": "unknown"}), encoding="utf-8")
    done = ran("cleaning.py", str(pages), "--only", "flat", "--lines", str(file))
    assert (done.returncode, done.stderr) == (0, "")
    sure = [row for row in rows_of(done.stdout, "all") if row[1] in ("every line", "ingest")]
    assert sure[0] == ["all", "every line", str(sum(labels)), "2", "1.000", ".000"]
    assert sure[1][:4] == ["all", "ingest", str(sum(labels)), "2"]
    assert sure[1][-1] == "1.000"


def test_what_cannot_be_measured_is_said(pages: Path, tmp_path: Path) -> None:
    (tmp_path / "other.jsonl").write_text('{"id": "unknown"}', encoding="utf-8")
    for wrong in (
        ["--lines", str(tmp_path / "other.jsonl"), "--only", "flat"],
        ["--check", "--only", "flat"],
    ):
        done = ran("cleaning.py", str(pages), *wrong)
        assert done.returncode == 2
        assert "error: " in done.stderr


def test_memory_prints_its_curve(pages: Path) -> None:
    done = ran("memory.py", str(pages), "--pages", "12", "--every", "3")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("MB after the first pass; 0 pages failed") == 2
    assert [line.split()[0] for line in done.stdout.splitlines() if line[:9].strip().isdigit()][:4] == [
        "3",
        "6",
        "9",
        "12",
    ]


def crash(text: str, language: str | None) -> str:
    if text == "crash":
        os._exit(3)
    if text == "raise":
        raise ValueError(text)
    return text.upper()


def as_output(text: str, result: str) -> Output:
    return Output(result)


def test_a_cleaner_that_crashes_costs_its_page_only() -> None:
    contestant = Contestant(Cleaner("crash", crash, as_output))
    try:
        assert contestant.clean("one", None).output.text == "ONE"
        assert contestant.clean("raise", None).fault == "ValueError: raise"
        assert contestant.clean("crash", None).fault == "its process ended with 3"
        assert contestant.clean("two", None).output.text == "TWO"
    finally:
        contestant.close()


def test_ctrl_c_keeps_what_is_done() -> None:
    page = Page(id="1", source="wcxb", site="a.example", page_type="article", language="en", gold="word")

    def dumps() -> Iterator[Dump]:
        yield Dump(page, "word", "html")
        raise KeyboardInterrupt

    tallies = compete([Heat([Cleaner("upper", crash, as_output)], dumps())])
    assert [score.f1 for score in tallies["upper"].scores["all"]] == [1.0]
