"""The law of the overview: whoever applies what changed holds what a newcomer is given."""

import gzip
import random
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from stream.web.dashboard.rows import OverviewRows
from stream.web.view import LiveView
from tests.browser.samples import alert, brand_sentiment

NOW_MS = 1_772_366_400_000
NAMES = st.sampled_from(("Acme", "Bolt", "Corto", "Drake"))
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("brand"), NAMES, st.integers(0, 90)),
        st.tuples(st.just("gone"), NAMES, st.just(0)),
        st.tuples(st.just("alert"), NAMES, st.integers(0, 2)),
        st.tuples(st.just("wait"), NAMES, st.integers(1, 40)),
        st.tuples(st.just("look"), NAMES, st.just(0)),
    ),
    max_size=40,
)
STATES = ("opened", "updated", "closed")


def act(view: LiveView, what: str, name: str, number: int) -> None:
    key = name.casefold().encode()
    if what == "brand":
        brand = brand_sentiment(name, NOW_MS, pick=random.Random(number), hourly=float(number))
        view.take_brand(key, brand.model_dump_json().encode())
    elif what == "gone":
        view.take_brand(key, None)
    elif what == "alert":
        event = alert(name, NOW_MS, state=STATES[number], update=number)
        view.take_alert(event.alert_id.encode(), event.model_dump_json().encode())


@given(steps=STEPS, query=st.sampled_from(("", "o", "acme")))
def test_changes_applied_one_after_the_other_are_the_whole(
    steps: list[tuple[str, str, int]], query: str
) -> None:
    view = LiveView()
    rows = OverviewRows(view, "s")
    seconds, held, token = 0.0, dict[str, Any](), None

    def ask(since: str | None) -> Any:
        return orjson.loads(gzip.decompress(rows.answer("24h", query, since, seconds)))

    for what, name, number in [*steps, ("look", "", 0)]:
        act(view, what, name, number)
        if what == "wait":
            for _ in range(number):
                seconds += 1.0
                ask(None)
        if what == "look":
            seconds += 1.0
            answer = ask(token)
            held = {} if answer["complete"] else held
            held |= {row["key"]: row for row in answer["rows"]}
            held = {key: row for key, row in held.items() if key not in answer["gone"]}
            token = answer["version"]
    assert held == {row["key"]: row for row in ask(None)["rows"]}
