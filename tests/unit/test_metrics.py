from pathlib import Path

import pytest
from prometheus_client import generate_latest

from stream.metrics import Role, catalogue_table, create_metrics

DOCUMENT = Path(__file__).parents[2] / "docs" / "metrics.md"


def test_the_documented_table_is_the_catalogue() -> None:
    assert DOCUMENT.read_text(encoding="utf-8").endswith("\n\n" + catalogue_table()), (
        "docs/metrics.md is out of date: paste the output of python -m stream.metrics"
    )


@pytest.mark.parametrize("role", ["score", "brands", "history"])
def test_a_role_exports_what_the_catalogue_says(role: Role) -> None:
    exported = generate_latest(create_metrics(role).registry).decode()
    for row in catalogue_table().splitlines()[2:]:
        name, kind, _, roles, meaning = (cell.strip(" `") for cell in row.strip("|").split("|"))
        family = name.removesuffix("_total") if kind == "counter" else name
        is_exported = any(
            line in exported for line in (f"# HELP {family} {meaning}", f"# HELP {name} {meaning}")
        )
        assert is_exported == (role in roles.split(", ")), name


def test_two_sets_of_metrics_share_nothing() -> None:
    first, second = create_metrics("score"), create_metrics("score")
    first.consumed.inc(3)
    assert first.registry.get_sample_value("brandpulse_reviews_consumed_total") == 3
    assert second.registry.get_sample_value("brandpulse_reviews_consumed_total") == 0


def test_a_stage_is_observed_under_its_name() -> None:
    metrics = create_metrics("score")
    metrics.stage_seconds.labels("model").observe(0.02)
    labels = {"stage": "model"}
    assert metrics.registry.get_sample_value("brandpulse_stage_seconds_sum", labels) == 0.02


def test_the_lag_of_a_partition_that_moved_away_disappears() -> None:
    metrics = create_metrics("score")
    metrics.consumer_lag.labels("reviews", 0).set(5)
    metrics.consumer_lag.remove("reviews", 0)
    assert b'partition="0"' not in generate_latest(metrics.registry)


def test_build_says_role_and_version() -> None:
    exported = generate_latest(create_metrics("brands").registry).decode()
    (line,) = [line for line in exported.splitlines() if line.startswith("brandpulse_build_info{")]
    assert 'role="brands"' in line
    assert "version=" in line
