"""The API against its own description: schemathesis makes requests from it, right ones and wrong ones."""

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from stream.web.series import HOUR_MS
from stream.web.values import HourRow
from tests.unit.web.samples import NOW_MS, Stage, alert_value, label_value, stage, take_brand

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed (extra dev)")
from schemathesis.specs.openapi.checks import positive_data_acceptance  # noqa: E402

EXAMPLES = 25
# What a description cannot say: a cursor must come from a page; `from` lies before `to`, and there is an end
# to the steps between them.
UNSAYABLE = {
    "/brands": {"cursor"},
    "/alerts": {"cursor"},
    "/brands/{brand}/series": {"from", "to", "step"},
}


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """A site with a brand, an alert, a review and some hours."""
    made = stage(tmp_path_factory.mktemp("web"), api_requests_per_second=1e9)
    for name in ("Acme", "AC/DC", "<b>Bolt</b>"):
        take_brand(made.view, name)
    for number in range(3):
        made.view.take_alert(b"", alert_value(f"a{number}", opened_at=number))
        made.view.take_label(b"acme", 0, number, label_value(number))
    made.archive.add("acme", HourRow(NOW_MS - HOUR_MS, (1, 2, 3), (1, 2, 3), (6, *[0] * 15), 0))
    asyncio.run(made.site.history.look())
    return made


OPERATIONS = [
    ("GET", "/brands"),
    ("GET", "/brands/{brand}"),
    ("GET", "/brands/{brand}/reviews"),
    ("GET", "/brands/{brand}/series"),
    ("GET", "/alerts"),
    ("GET", "/alerts/{alert_id}"),
    ("POST", "/alerts/{alert_id}/acknowledge"),
    ("POST", "/alerts/{alert_id}/note"),
    ("GET", "/pipeline"),
]


@pytest.fixture(scope="module")
def description(described: Stage) -> Any:
    return schemathesis.openapi.from_asgi("/openapi.json", described.app)


def test_nothing_is_left_out_but_the_stream_that_never_ends(description: Any) -> None:
    found = {(each.ok().method.upper(), each.ok().path) for each in description.get_all_operations()}
    assert found == {*OPERATIONS, ("GET", "/live")}


MODES = [(*each, mode) for each in OPERATIONS for mode in ("positive", "negative")]
MODES.remove(("GET", "/pipeline", "negative"))  # nothing in it can be wrong


@pytest.mark.parametrize(("method", "path", "mode"), MODES)
def test_every_answer_is_as_described(description: Any, method: str, path: str, mode: str) -> None:
    operation = description[path][method]

    @given(case=operation.as_strategy(generation_mode=schemathesis.GenerationMode(mode)))
    @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
    def play(case: Any) -> None:
        answer = case.call()
        refused = answer.status_code == 422
        if mode == "positive" and refused:
            fields = {each["field"] for each in answer.json()["errors"]}
            assert fields <= UNSAYABLE.get(path, set()), answer.text
        case.validate_response(answer, excluded_checks=[positive_data_acceptance] if refused else [])

    play()
