"""The overview gets all rows once and then what changed, whoever asks."""

import gzip
import random
from typing import Any

import orjson
import pytest

from stream.events import WindowName
from stream.web.dashboard.rows import KEPT_TICKS, TICKS_OF_A_CHOICE, OverviewRows
from stream.web.view import LiveView
from tests.browser.samples import alert, brand_sentiment

NOW_MS = 1_772_366_400_000


class Stage:
    """A view and the rows made of it, one second after the other."""

    def __init__(self, most_shown: int = 100) -> None:
        self.view = LiveView()
        self.rows = OverviewRows(self.view, "s", most_shown)
        self.seconds = 0.0

    def take(self, name: str, hourly: float = 60.0) -> None:
        brand = brand_sentiment(name, NOW_MS, pick=random.Random(1), hourly=hourly)
        self.view.take_brand(brand.brand_key.encode(), brand.model_dump_json().encode())

    def ask(
        self, since: str | None = None, *, window: WindowName = "24h", query: str = "", later: float = 1.0
    ) -> Any:
        self.seconds += later
        return orjson.loads(gzip.decompress(self.rows.answer(window, query, since, self.seconds)))


def names(answer: Any) -> list[str]:
    return sorted(row["brand"] for row in answer["rows"])


def test_first_everything_then_what_changed() -> None:
    stage = Stage()
    stage.take("Acme")
    stage.take("Bolt")
    first = stage.ask()
    assert first["complete"]
    assert names(first) == ["Acme", "Bolt"]
    stage.take("Bolt", hourly=90.0)
    stage.take("Cord")
    second = stage.ask(first["version"])
    assert not second["complete"]
    assert names(second) == ["Bolt", "Cord"]
    assert second["total"] == 3
    assert names(stage.ask(second["version"])) == []


def test_what_changed_since_an_older_answer_is_all_there() -> None:
    stage = Stage()
    first = stage.ask()
    for name in ("Acme", "Bolt", "Cord"):
        stage.take(name)
        stage.ask()
    assert names(stage.ask(first["version"])) == ["Acme", "Bolt", "Cord"]


def test_a_brand_that_is_gone_is_named() -> None:
    stage = Stage()
    stage.take("Acme")
    first = stage.ask()
    stage.view.take_brand(b"acme", None)
    second = stage.ask(first["version"])
    assert second["gone"] == ["acme"]
    assert second["total"] == 0


def test_an_alert_changes_the_row_of_its_brand() -> None:
    stage = Stage()
    stage.take("Acme")
    stage.take("Bolt")
    first = stage.ask()
    event = alert("Acme", NOW_MS, severity="warning")
    stage.view.take_alert(event.alert_id.encode(), event.model_dump_json().encode())
    [row] = stage.ask(first["version"])["rows"]
    assert (row["brand"], row["alerts"], row["severity"]) == ("Acme", 1, "warning")


@pytest.mark.parametrize("token", ["", "s", "s-", "s-x", "other-1", "s-99", "s--1", "s-²"])
def test_an_unknown_token_gets_everything(token: str) -> None:
    stage = Stage()
    stage.take("Acme")
    stage.ask()
    assert stage.ask(token)["complete"]


def test_a_token_that_is_too_old_gets_everything() -> None:
    stage = Stage()
    stage.take("Acme")
    first = stage.ask()
    for _ in range(KEPT_TICKS + 1):
        last = stage.ask()
    assert stage.ask(first["version"])["complete"]
    assert not stage.ask(last["version"])["complete"]


def test_within_a_second_all_get_the_same_bytes() -> None:
    stage = Stage()
    stage.take("Acme")
    first = stage.rows.answer("24h", "", None, 1.0)
    stage.take("Bolt")
    assert stage.rows.answer("24h", "", None, 1.9) is first
    assert stage.rows.answer("24h", "", None, 2.0) is not first


def test_a_search_finds_parts_of_names_in_any_spelling() -> None:
    stage = Stage()
    stage.take("Acme Audio")
    stage.take("Bolt")
    first = stage.ask(query="  ACME ")
    assert names(first) == ["Acme Audio"]
    stage.take("Acme Light")
    stage.take("Cord")
    assert names(stage.ask(first["version"], query="acme")) == ["Acme Light"]


def test_of_too_many_the_foremost_are_shown_and_chosen_anew_now_and_then() -> None:
    stage = Stage(most_shown=2)
    for name, hourly in (("Acme", 10.0), ("Bolt", 20.0), ("Cord", 30.0)):
        stage.take(name, hourly)
    first = stage.ask()
    assert names(first) == ["Bolt", "Cord"]
    assert (first["shown"], first["total"]) == (2, 3)
    event = alert("Acme", NOW_MS)
    stage.view.take_alert(event.alert_id.encode(), event.model_dump_json().encode())
    assert stage.ask(first["version"])["rows"] == []
    answers = [stage.ask(first["version"]) for _ in range(TICKS_OF_A_CHOICE)]
    assert answers[-1]["complete"]
    assert names(answers[-1]) == ["Acme", "Cord"]
    assert names(stage.ask(query="bolt")) == ["Bolt"]


def test_a_row_holds_the_figures_of_the_window_asked_for() -> None:
    stage = Stage()
    brand = brand_sentiment("Acme", NOW_MS, pick=random.Random(1), hourly=600.0)
    stage.view.take_brand(b"acme", brand.model_dump_json().encode())
    for window, steps in (("5m", 30), ("1h", 30), ("24h", 24), ("7d", 24)):
        [row] = stage.ask(window=window)["rows"]  # type: ignore[arg-type]
        shown = brand.windows[window]  # type: ignore[index]
        assert shown.intervals is not None
        assert (row["net"], row["low"], row["high"]) == (
            shown.net,
            shown.intervals.net.low,
            shown.intervals.net.high,
        )
        assert row["volume"] == sum(shown.counts.model_dump().values())
        assert len(row["all"]) == len(row["negative"]) == steps
        series = brand.minutes if steps == 30 else brand.hours
        assert sum(row["negative"]) == sum(series.negative)
        assert sum(row["all"]) == sum(series.negative + series.neutral + series.positive)


def test_a_window_without_reviews_has_no_figures() -> None:
    stage = Stage()
    stage.take("Acme", hourly=0.0)
    [row] = stage.ask(window="5m")["rows"]
    assert row["net"] is row["low"] is row["high"] is row["change"] is row["severity"] is None
    assert row["volume"] == 0
    assert not row["enough"]
