"""Configurations as frozen dataclasses: from mappings, changed by texts, as JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from typing import TYPE_CHECKING, Any, TypeVar

from training.errors import ConfigError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Config = TypeVar("Config", bound="DataclassInstance")


def to_json(config: "DataclassInstance") -> str:
    """All fields as a JSON object."""
    return json.dumps(asdict(config), indent=2) + "\n"


def check_known(kind: type["DataclassInstance"], values: Mapping[str, Any]) -> None:
    """Every key of `values` is a field of `kind`.

    Raises:
        ConfigError: one is not.
    """
    unknown = sorted(set(values) - {field.name for field in fields(kind)})
    if unknown:
        raise ConfigError(f"unknown fields: {', '.join(unknown)}. {where(kind)}")


def where(kind: type["DataclassInstance"]) -> str:
    """Where the fields of a configuration are explained."""
    return f"Fields: {kind.__module__.replace('.', '/')}.py"


def overridden(config: Config, assignments: Sequence[str]) -> Config:
    """A copy changed by `name=value` texts; fields that hold neither text nor number cannot be named.

    Raises:
        ConfigError: an assignment does not parse, names no field, or gives a wrong type or range.
    """
    values = {field.name: getattr(config, field.name) for field in fields(config)}
    known = {name: value for name, value in values.items() if isinstance(value, str | int | float)}
    changes: dict[str, Any] = {}
    for assignment in assignments:
        name, _, text = assignment.partition("=")
        if name not in known:
            raise ConfigError(f"{name!r} is no field; there are {', '.join(known)}")
        kind = type(known[name])
        try:
            changes[name] = kind(text)
        except ValueError:
            raise ConfigError(f"{assignment}: not a number of type {kind.__name__}") from None
    return replace(config, **changes)
