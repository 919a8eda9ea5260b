"""A process between the supervisor and one child, for the child to die when the supervisor does.

    python -I -S tether.py COMMAND ...

No system kills children when their parent is killed.  So each child has a tether: it holds the reading end of a
pipe whose other end is the supervisor's alone, and when that closes, for whatever reason, it kills its whole
process group: the child, all that the child started, and itself.  The supervisor starts it as the leader of a
session of its own, out of reach of the terminal's Ctrl-C.  SIGTERM is passed on to the child; the exit code is
the child's, 128 and the signal's number where a signal ended it.

Nothing is imported here that is not needed: there is a tether for each child, and the service waits for it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from typing import Any

_NOT_STARTED = 127  # what shells say of a command that cannot be run
_PR_SET_PDEATHSIG = 1


def main(command: list[str]) -> int:
    child: subprocess.Popen[bytes] | None = None
    told = False

    def pass_on(*_: Any) -> None:
        nonlocal told
        told = True
        if child is not None:
            child.terminate()

    signal.signal(signal.SIGTERM, pass_on)
    try:
        # The child's output goes to the log, which is our stderr.  Our stdout is for the supervisor to see us end.
        child = subprocess.Popen(  # noqa: S603  (the supervisor's own commands)
            command,
            stdin=subprocess.DEVNULL,
            stdout=2,
            stderr=2,
            close_fds=False,
            preexec_fn=_dying_with_parent(),
        )
    except OSError as error:
        sys.stderr.write(f"cannot start {command[0]}: {error}\n")
        return _NOT_STARTED
    if told:
        child.terminate()
    threading.Thread(target=_kill_at_end_of_pipe, daemon=True).start()
    code = child.wait()
    return code if code >= 0 else 128 - code


def _kill_at_end_of_pipe() -> None:
    while os.read(0, 1):
        pass
    os.killpg(0, signal.SIGKILL)


def _dying_with_parent() -> Any:
    """What a child calls on Linux to be killed should this tether be; elsewhere the supervisor alone sees to that."""
    if sys.platform != "linux":
        return None
    import ctypes

    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
