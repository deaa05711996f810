"""Where the embedded Kafka keeps its records: whose directory that is, and what of it goes at the end."""

import fcntl
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from stream.errors import DataDirTaken


def claim_directory(resources: ExitStack, data_dir: Path | None, nodes: int, *, keep: bool) -> Path:
    """The directory of a cluster, ours until `resources` closes; then its records go, unless `keep`.

    Only what a broker wrote is ever removed, and never what an earlier one was told to keep.

    Raises:
        DataDirTaken: another broker uses it, or it holds records that this start would lose or misread.
    """
    if data_dir is None:
        directory = Path(tempfile.mkdtemp(prefix="brandpulse-broker-"))
        resources.callback(shutil.rmtree, directory, ignore_errors=True)
        return directory
    data_dir.mkdir(parents=True, exist_ok=True)
    directory = data_dir.resolve()
    lock = directory / "broker.lock"
    resources.enter_context(_locked(lock))
    found = len(list(directory.glob("node-*")))
    if found and not keep:
        raise DataDirTaken(
            f"{directory} holds the data of an earlier broker: go on with it by --keep, "
            "or name another directory"
        )
    if found not in (0, nodes):
        raise DataDirTaken(f"{directory} belongs to a cluster of {found} nodes: use --nodes {found}")
    if not keep:
        resources.callback(lock.unlink)
        for number in range(1, nodes + 1):
            resources.callback(shutil.rmtree, node_directory(directory, number), ignore_errors=True)
    return directory


def node_directory(directory: Path, number: int) -> Path:
    """Where the node of that number, from 1, keeps everything that is its own."""
    return directory / f"node-{number}"


def _locked(path: Path) -> IO[str]:
    file = path.open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise DataDirTaken(
            f"another broker uses {path.parent}: stop it, or name another --data-dir"
        ) from error
    return file
