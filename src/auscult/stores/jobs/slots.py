"""Which worker this process is: a name that survives its restarts and that no other living process has."""

from __future__ import annotations

import fcntl
import re
import socket
from pathlib import Path
from types import TracebackType
from typing import IO, Final

from auscult.domain.errors import UnavailableError

_SLOTS: Final = 64
"""More workers of one deployment on one machine than that is a mistake somewhere."""


class WorkerSlot:
    """A numbered place that one process holds as long as it lives.

    The first process on a machine is `<host>-0`, the next `<host>-1`; a restarted one finds its old place free and is
    who it was, so that it takes up its own jobs at once. The place is a locked file: the operating system frees it
    whatever the process dies of.
    """

    def __init__(self, directory: Path, *, host: str | None = None) -> None:
        """Take the lowest free place in `directory` (created if missing). Raises `UnavailableError` when none is."""
        directory.mkdir(parents=True, exist_ok=True)
        self._file: IO[str] | None = None
        for number in range(_SLOTS):
            file = (directory / f"worker-{number}.lock").open("a", encoding="ascii")
            if _lock(file):
                self._file = file
                self.executor_id = f"{re.sub(r'[^A-Za-z0-9._-]', '-', host or socket.gethostname())}-{number}"
                return
            file.close()
        raise UnavailableError(f"All {_SLOTS} worker places of this machine are taken.")

    def release(self) -> None:
        """Give the place back."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def __enter__(self) -> WorkerSlot:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def in_use(directory: Path) -> bool:
    """Whether a living process holds a place in `directory`."""
    for path in sorted(directory.glob("worker-*.lock")):
        with path.open("a", encoding="ascii") as file:
            if not _lock(file):
                return True
    return False


def _lock(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
