"""Child processes that end when the process that started them ends, however it ended.

On Linux the kernel kills the child with its parent, also when the parent was killed and could not tidy up.
Elsewhere the child runs without this leash, and an orderly exit of the parent has to stop it. The parent is,
precisely, the thread that starts the child.

This file also runs as a script, `leash.py PARENT PROGRAM ARG…`: it ties itself, then becomes the program.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Sequence

_PR_SET_PDEATHSIG = 1


def leashed(program: Sequence[str]) -> list[str]:
    """The command that runs `program`, on a leash of this process; for subprocess.Popen."""
    return [sys.executable, "-I", "-S", __file__, str(os.getpid()), *program]


def main() -> None:
    """Put on the leash, then replace this process by the program."""
    parent, program = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            sys.exit("the parent ended before its child had begun")
    os.execv(program[0], program)


if __name__ == "__main__":
    main()
