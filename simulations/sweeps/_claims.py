# SPDX-License-Identifier: MIT
"""Several drivers on one store: a driver claims a run before it computes it.

A claim is an exclusive lock (`filelock`, on POSIX systems flock) on `claims/<key>.lock` in the store. The
kernel, and on NFS the server, takes it from a driver that dies, however it dies: no claim outlives its driver
and none has to expire; a file that is left over means nothing. `claims/<key>.owner` says who holds it,
for messages. Claims only spare double work. What a store holds never rests on them: a record is a function of
its key and put in place whole, so that where a file system refuses locks the worst is a run computed twice.
"""

from __future__ import annotations

import errno
import os
import socket
from contextlib import suppress
from pathlib import Path
from typing import Any

from simulations.sweeps._queue import say

_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP}


class Claims:
    """The runs that this driver is computing."""

    def __init__(self, store: Path) -> None:
        self.folder = store / "claims"
        self._held: dict[str, Any] = {}
        self._warned = False

    def take(self, key: str) -> str | None:
        """Claim a run: None when it is ours, else who has it, as "pid N on host H".

        Raises OSError when the store cannot be written.
        """
        from filelock import FileLock, Timeout

        if key in self._held:
            return None
        self.folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.folder / f"{key}.lock", timeout=0, thread_local=False)
        try:
            lock.acquire()
        except Timeout:
            return self._owner(key)
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise
            self._say_once(error)
            self._held[key] = None
            return None
        self._held[key] = lock
        with suppress(OSError):  # a full disk is reported where it matters
            self._owner_path(key).write_text(f"pid {os.getpid()} on host {socket.gethostname()}")
        return None

    def give_back(self, key: str) -> None:
        """End a claim; its files go."""
        if (lock := self._held.pop(key, None)) is not None:
            # While we hold the lock: who waits for it finds that the file is gone, and makes a new one.
            self._owner_path(key).unlink(missing_ok=True)
            Path(lock.lock_file).unlink(missing_ok=True)
            lock.release()

    def close(self) -> None:
        """End all claims."""
        for key in list(self._held):
            self.give_back(key)

    def tidy(self) -> None:
        """Remove the files that killed drivers left."""
        for path in self.folder.glob("*.lock"):
            if path.stem not in self._held and self.take(path.stem) is None:
                self.give_back(path.stem)

    def _owner_path(self, key: str) -> Path:
        return self.folder / f"{key}.owner"

    def _owner(self, key: str) -> str:
        try:
            return self._owner_path(key).read_text() or "starting just now"
        except OSError:
            return "starting just now"

    def _say_once(self, error: OSError) -> None:
        if not self._warned:
            say(
                f"the file system of {self.folder.parent} refuses locks ({error.strerror}): should two "
                "drivers work on this store at once, they may compute the same run; nothing is lost"
            )
        self._warned = True
