"""Run a program that does not outlive the one that started it, however that one ends: lifeline.py PARENT PROGRAM …

A program of its own, because a process with threads must not run Python between fork and exec.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # prctl(2)


def die_with_parent():
    """Have the system send us SIGTERM when our parent ends. Linux only; elsewhere a killed parent leaves us running."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def main(parent: str, *program: str):
    """Become the program, unless the parent ended before we could ask to be told."""
    die_with_parent()
    if os.getppid() == int(parent):
        os.execv(program[0], program)  # nosec B606 # no shell is what we want


if __name__ == "__main__":
    main(*sys.argv[1:])
