"""How much memory a process has."""

from __future__ import annotations

import resource
import sys
from pathlib import Path


def resident_bytes() -> tuple[int, int]:
    """Resident bytes of this process, now and at most; the most for both where there is no /proc."""
    status = Path("/proc/self/status")
    if status.exists():  # Linux starts a child's ru_maxrss with its parent's
        kilobytes = {row[0].rstrip(":"): row[1] for row in map(str.split, status.open()) if len(row) > 1}
        return int(kilobytes["VmRSS"]) * 1024, int(kilobytes["VmHWM"]) * 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return most, most
