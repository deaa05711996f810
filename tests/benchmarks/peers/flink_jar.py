"""`python -m tests.benchmarks.peers.flink_jar ENVIRONMENT`: Flink's Kafka connector, where PyFlink looks."""

import shutil
import sys
import tempfile
from pathlib import Path

from jgo import maven

from export.bundle import file_sha256

# The newest one there is; it was made for Flink 2.2 and runs in 2.3.
CONNECTOR = "org.apache.flink:flink-sql-connector-kafka:5.0.0-2.2"
SHA256 = "5605c691d11a501382c383fecba37a7a552467da5ab7ba904ef5d6f3d62c5616"


def main(environment: Path) -> None:
    """Fetch it and check it.

    Raises:
        SystemExit: the one fetched is not the pinned one, or PyFlink is not installed there.
    """
    directory = next(environment.glob("lib/python3*/site-packages/pyflink/lib"), None)
    if directory is None:
        sys.exit(f"PyFlink is not installed in {environment}")
    with tempfile.TemporaryDirectory() as scratch:
        context = maven.MavenContext(resolver=maven.PythonResolver(), repo_cache=Path(scratch), timeout=60)
        jar = Path(context.create_dependency(CONNECTOR).artifact.resolve())
        if file_sha256(jar) != SHA256:
            sys.exit(f"{jar.name} is not the pinned one: the download was cut or altered; try again")
        shutil.copy(jar, directory)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
