"""`wmtls` on a machine where no directory can be watched, so that it has to poll.

python -m bench.without_inotify run --config FILE
"""

import errno
import sys
from typing import Any

from agent import cli
from agent.tail import waker


class Refused:
    """An observer that the kernel has no room for."""

    def __init__(self, *_: Any, **__: Any) -> None:  # watchdog's arguments do not matter
        raise OSError(errno.ENOSPC, "inotify watch limit reached")


if __name__ == "__main__":
    waker.Observer = Refused  # type: ignore[attr-defined,assignment]
    sys.exit(cli.main(sys.argv[1:]))
