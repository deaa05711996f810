"""The licence of everything that a worker installs, from the packages' own metadata.

    python -m tests.licences            the roles: extras cpu, postgres and web
    python -m tests.licences broker     those extras

Exit code 1 where a package does not say what its licence is.
"""

import importlib.metadata
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = "brandpulse"
WORKER_EXTRAS = ("cpu", "postgres", "web")
_CLASSIFIER = "License :: OSI Approved :: "
# Longer ones are the licence's whole text.
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Package:
    """One that is installed; `licence` is empty where it does not say."""

    name: str
    version: str
    licence: str


def installed_with(root: str, extras: Iterable[str]) -> list[Package]:
    """All that a distribution needs with these extras, directly or not, without itself, by name.

    Raises:
        importlib.metadata.PackageNotFoundError: one of them is not installed.
    """
    found: dict[str, Package] = {}
    seen: set[tuple[str, str]] = set()
    waiting: list[tuple[str, str]] = [(canonicalize_name(root), extra) for extra in ("", *extras)]
    while waiting:
        name, extra = each = waiting.pop()
        if each in seen:
            continue
        seen.add(each)
        distribution = importlib.metadata.distribution(name)
        found[name] = Package(name, distribution.version, licence(distribution.metadata))
        waiting += _needs(distribution, extra)
    found.pop(canonicalize_name(root))
    return sorted(found.values(), key=lambda package: package.name)


def licence(metadata: importlib.metadata.PackageMetadata) -> str:
    """The licence as the metadata has it: as an expression, a classifier or free text; empty: it has none."""
    if "License-Expression" in metadata:
        return metadata["License-Expression"]
    classifiers = metadata.get_all("Classifier") or []
    named = [each.removeprefix(_CLASSIFIER) for each in classifiers if each.startswith(_CLASSIFIER)]
    free = metadata["License"].strip() if "License" in metadata else ""
    return " or ".join(named) or (free if len(free) <= _LONGEST_NAME and "\n" not in free else "")


def _needs(distribution: importlib.metadata.Distribution, extra: str) -> Iterator[tuple[str, str]]:
    for text in distribution.requires or []:
        requirement = Requirement(text)
        # Without an extra only what is always needed; with one, what it adds.
        marker = requirement.marker
        if marker is not None and not marker.evaluate({"extra": extra}):
            continue
        for wanted in ("", *requirement.extras):
            yield canonicalize_name(requirement.name), wanted


def main() -> None:
    """Prints one line a package."""
    packages = installed_with(ROOT, sys.argv[1:] or WORKER_EXTRAS)
    for package in packages:
        print(f"{package.name:32} {package.version:14} {package.licence or 'UNKNOWN'}")
    sys.exit(any(not package.licence for package in packages))


if __name__ == "__main__":
    main()
