"""What can be said of the image without building it: `test_containers` builds and runs it."""

import re

import pytest

from tests.deploy.tools import DEPLOY, ROOT, run, tool

DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")


def stages() -> dict[str, str]:
    """The text of each stage by its name."""
    parts = re.split(r"^FROM \S+ AS (\S+)$", DOCKERFILE, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_hadolint_finds_nothing() -> None:
    done = run(tool("hadolint"), DEPLOY / "Dockerfile")
    assert done.returncode == 0, done.stdout


def test_the_cpu_image_is_the_default() -> None:
    assert list(stages())[-1] == "cpu"


@pytest.mark.parametrize("target", ["cpu", "gpu"])
def test_a_target_ends_as_nobody_and_says_what_it_is(target: str) -> None:
    stage = stages()[target]
    assert stage.rstrip().endswith("USER 10001:10001")
    for label in ("title", "version", "revision"):
        assert f"org.opencontainers.image.{label}=" in stage


def test_versions_come_from_the_constraints() -> None:
    assert "-c constraints.txt" in (DEPLOY / "install.sh").read_text(encoding="utf-8")
    pins = (DEPLOY / "constraints-gpu.txt").read_text(encoding="utf-8").split()
    assert all(re.fullmatch(r"[a-z-]+==[\d.]+", pin) for pin in pins)


def test_nothing_but_the_program_gets_into_the_build() -> None:
    allowed = [
        line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").split() if line[0] == "!"
    ]
    assert allowed == [
        *(
            "pyproject.toml",
            "README.md",
            "constraints.txt",
            "deploy/constraints-gpu.txt",
            "deploy/install.sh",
        ),
        *("export", "stream"),
    ]
    assert all((ROOT / path).exists() for path in allowed)
