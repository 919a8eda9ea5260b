"""What `ingest up` takes: to be ready, at rest, and to be gone when its parent is killed.

    python benchmarks/up.py [--workers N] [--times N]

Starts it in folders that are gone after it; the medians are printed.  Memory is what its processes share, divided
among them, and what each has alone (PSS, from /proc): Linux only.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[1]
REST = 3.0  # seconds after which what was loaded to start with has settled
LOOK = 0.01  # seconds between two looks


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--times", type=int, default=5)
    arguments = parser.parse_args()
    figures = [measured(arguments.workers) for _ in range(arguments.times)]
    ready, memory, gone, number = (median(column) for column in zip(*figures, strict=True))
    print(
        f"ingest up --workers {arguments.workers}, median of {arguments.times}, load {os.getloadavg()[0]:.1f}"
    )
    print(f"  ready after                {ready:6.2f} s")
    print(f"  memory at rest             {memory / 1e6:6.0f} MB in {number:.0f} processes")
    print(f"  gone after SIGKILL         {gone:6.2f} s")


def measured(workers: int) -> tuple[float, int, float, int]:
    """-> seconds until ready, bytes at rest, seconds from SIGKILL of the parent until no process is left, processes."""
    with tempfile.TemporaryDirectory(prefix="ingest-") as name:
        log = Path(name) / "log"
        env = {key: value for key, value in os.environ.items() if not key.startswith("INGEST_")}
        env |= {"INGEST_DATA": f"{name}/data", "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "ingest", "up", "--workers", str(workers), "--port", free_port()]
        began = time.monotonic()
        with log.open("wb") as file:
            parent = subprocess.Popen(command, cwd=name, env=env, stdout=file, stderr=file)
        try:
            while "ingest is up" not in log.read_text():
                if parent.poll() is not None:
                    sys.exit(log.read_text())
                time.sleep(LOOK)
            ready = time.monotonic() - began
            time.sleep(REST)
            tree = list(family(parent.pid))
            memory = sum(map(share_of, tree))
        finally:
            killed = time.monotonic()
            parent.kill()
            parent.wait()
        while any(Path(f"/proc/{pid}/stat").exists() and state_of(pid) != "Z" for pid in tree):
            time.sleep(LOOK)
        return ready, memory, time.monotonic() - killed, len(tree)


def free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return str(server.getsockname()[1])


def family(pid: int) -> Iterator[int]:
    """The process and all that descend from it."""
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from family(int(child))


def share_of(pid: int) -> int:
    """Bytes of memory."""
    [line] = [
        line for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines() if line.startswith("Pss:")
    ]
    return int(line.split()[1]) * 1024


def state_of(pid: int) -> str:
    """The letter of /proc; that of the dead where it is gone."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    return "Z"


if __name__ == "__main__":
    main()
