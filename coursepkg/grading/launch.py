"""The first thing that runs in isolation: set the limits, copy the submission's files, become the program.

It is started as a file, without any package, so that nothing of the course is imported before the limits hold.
"""

import json
import os
import shutil
import sys


def main():
    """Carry out the order in the first argument, then replace this process by the remaining arguments."""
    order, program = json.loads(sys.argv[1]), sys.argv[2:]
    shutil.copytree(order["files"], order["home"], dirs_exist_ok=True)
    os.chdir(order["home"])
    if order["own_processes"]:
        os.environ.pop("JPY_PARENT_PID", None)  # numbers of processes outside mean nothing here
    import resource

    for name, value in order["limits"].items():
        kind = getattr(resource, name, None)  # not every system knows every limit
        if kind is None:
            continue
        _, most = resource.getrlimit(kind)
        value = value if most == resource.RLIM_INFINITY else min(value, most)
        try:
            resource.setrlimit(kind, (value, value))
        except (OSError, ValueError):  # macOS refuses some; the watchdog keeps memory and processes anyway
            continue
    os.execvp(program[0], program)


if __name__ == "__main__":
    main()
