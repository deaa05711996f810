"""A disk that is full at once, and has room again: a file system in memory that shrinks to what is in it."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOM_BYTES = 2 << 30
"""Takes memory only as far as it is used."""


class Disk:
    """What lies under one directory; made by `disk_at`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def fill(self) -> None:
        """Leave no room."""
        found = os.statvfs(self._path)
        used = (found.f_blocks - found.f_bfree) * found.f_frsize
        self._resize(max(used, found.f_frsize))

    def free(self) -> None:
        """Give the room back."""
        self._resize(ROOM_BYTES)

    def _resize(self, size_bytes: int) -> None:
        _run("mount", "-o", f"remount,size={size_bytes}", str(self._path))


@contextmanager
def disk_at(path: Path) -> Iterator[Disk | None]:
    """A disk there; None where we may not mount one."""
    path.mkdir(parents=True)
    if os.geteuid() != 0 or not _mounted(path):
        yield None
        return
    try:
        yield Disk(path)
    finally:
        _run("umount", "--lazy", str(path))


def _mounted(path: Path) -> bool:
    try:
        _run("mount", "-t", "tmpfs", "-o", f"size={ROOM_BYTES}", "tmpfs", str(path))
    except (subprocess.CalledProcessError, FileNotFoundError):
        return False
    return True


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
