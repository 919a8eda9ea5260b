"""The command in a process of its own that has its imports already: a crawl's are two seconds of them.

A server without threads has imported them once, and forks for each command; see `multiprocessing`'s forkserver.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from multiprocessing import get_context
from pathlib import Path

import ingest.cli.crawling
import ingest.crawl.middlewares
import ingest.crawl.run
import ingest.queue.broker  # noqa: F401
from ingest.cli import main

_FORKS = get_context("forkserver")
_FORKS.set_forkserver_preload(["pytest", __name__])


class Forked:
    """A command that runs, as subprocess.Popen shows one; what it says goes to files."""

    def __init__(self, folder: Path, env: Mapping[str, str], arguments: Sequence[str]) -> None:
        self.out, self.err = (folder / f"{id(self)}.{stream}" for stream in ("out", "err"))
        told = (str(folder), dict(env), list(arguments), str(self.out), str(self.err))
        self._process = _FORKS.Process(target=_run, args=told)
        self._process.start()

    @property
    def pid(self) -> int:
        assert self._process.pid
        return self._process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def kill(self) -> None:
        self._process.kill()

    def wait(self, seconds: float | None = None) -> int:
        self._process.join(seconds)
        assert self._process.exitcode is not None
        return self._process.exitcode


def _run(folder: str, env: dict[str, str], arguments: list[str], out: str, err: str) -> None:
    for path, stream in ((out, 1), (err, 2)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), stream)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(env)
    sys.argv = ["ingest", *arguments]
    main()
