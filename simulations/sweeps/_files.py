# SPDX-License-Identifier: MIT
"""Files that are whole or absent, whoever dies and whenever the disk is full."""

from __future__ import annotations

import errno
import itertools
import os
import re
import socket
import time
from contextlib import suppress
from pathlib import Path

# Tells apart the files that one process is writing.
_numbers = itertools.count()


def write_atomically(path: Path, content: bytes, *, replace: bool = True) -> None:
    """Write a file whole or not at all, durably. An OSError leaves no trace of the attempt.

    replace: False raises FileExistsError where the file is already there, also when it came this moment.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    who = f"{os.getpid()}-{next(_numbers)}@{socket.gethostname()}"
    temporary = path.with_name(f".{path.name}.{who}.tmp")
    try:
        with open(temporary, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        if replace:
            os.replace(temporary, path)
        else:
            _move_if_absent(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    with suppress(OSError, AttributeError):  # where a folder can be synchronised, the new name is durable too
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _move_if_absent(temporary: Path, path: Path) -> None:
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP):
            raise
        # A file system without hard links: what comes between the two lines is replaced.
        if path.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
        os.replace(temporary, path)


def remove_temporary_files(folder: Path) -> None:
    """Remove what killed writers left: files of this machine's dead processes, and all older than an hour."""
    for path in folder.rglob(".*.tmp"):
        with suppress(OSError):  # its writer has just finished
            if _is_ours_and_dead(path) or time.time() - path.stat().st_mtime > 3600:
                path.unlink()


def _is_ours_and_dead(path: Path) -> bool:
    found = re.search(r"\.(\d+)-\d+@(.+)\.tmp$", path.name)
    if found is None or found[2] != socket.gethostname() or os.name != "posix":
        return False
    try:
        os.kill(int(found[1]), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
