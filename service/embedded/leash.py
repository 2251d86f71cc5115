"""Become another program, which ends when the process that started it ends: `leash.py PARENT PROGRAM ARG…`.

Run as a script. On Linux the kernel kills the program with its parent, also when the parent was killed
and could not tidy up. Elsewhere the program runs without this leash, and an orderly exit has to stop it.
The parent is, precisely, the thread that started this script.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


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
