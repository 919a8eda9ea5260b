"""Which processes of an `ingest up` live, without a library: /proc, or ps where there is none (macOS)."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path


def children_of(pid: int) -> list[int]:
    return [child for child, state, parent, _ in _all() if parent == pid and state != "Z"]


def groups_of(pid: int) -> set[int]:
    """The process groups of an `ingest up`: its own, and that of each tether."""
    return {pid, *children_of(pid)}


def living(groups: set[int]) -> list[int]:
    """Processes of these groups that run.  One that ended and was not waited for runs no more."""
    return [pid for pid, state, _, group in _all() if group in groups and state != "Z"]


def command_of(pid: int) -> str:
    asked = ["ps", "-o", "args=", "-p", str(pid)]
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout


def _all() -> Iterator[tuple[int, str, int, int]]:
    """Of each process: id, the letter of its state, parent, group."""
    if not Path("/proc/self/stat").exists():
        asked = ["ps", "-A", "-o", "pid=,stat=,ppid=,pgid="]
        for line in subprocess.run(asked, capture_output=True, text=True, check=True).stdout.splitlines():
            pid, state, parent, group = line.split()
            yield int(pid), state[0], int(parent), int(group)
        return
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it ended meanwhile
            state, parent, group = (folder / "stat").read_text().rpartition(")")[2].split()[:3]
            yield int(folder.name), state, int(parent), int(group)
