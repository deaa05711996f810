"""What may be posted when: newest first of all, opened and closed at once, updates in their time."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from stream.notify.waiting import Waiting
from tests.unit.notify.samples import alert

MINUTE = 60.0


def waiting() -> Waiting:
    return Waiting(update_seconds=30 * MINUTE, patience_seconds=10 * MINUTE)


def test_alerts_are_taken_in_the_order_in_which_they_came() -> None:
    queue = waiting()
    for name in ("a", "b", "c"):
        assert not queue.add(alert(name), 0)
    assert [notice.alert.alert_id for notice in iter(lambda: queue.take(0), None)] == ["a", "b", "c"]


def test_a_newer_event_takes_the_place_of_one_that_waits() -> None:
    queue = waiting()
    queue.add(alert(update=0), 0)
    assert queue.add(alert(state="updated", update=1), 1)
    assert len(queue) == 1
    notice = queue.take(1)
    assert notice is not None
    assert notice.alert.update == 1


def test_an_update_waits_until_the_last_message_is_old_enough() -> None:
    queue = waiting()
    queue.add(alert(), 0)
    opened = queue.take(0)
    assert opened is not None
    queue.posted(opened, 5)
    queue.add(alert(state="updated", update=1), 10)
    queue.add(alert(state="updated", update=2), 20)
    assert queue.take(1_804) is None
    assert queue.next_at() == 1_805
    assert queue.drop_expired(1_804) == []
    notice = queue.take(1_805)
    assert notice is not None
    assert notice.alert.update == 2


def test_an_update_of_an_alert_nobody_was_told_of_is_due_at_once() -> None:
    queue = waiting()
    queue.add(alert(state="updated", update=7), 10)
    assert queue.take(10) is not None


def test_closing_does_not_wait() -> None:
    queue = waiting()
    queue.add(alert(), 0)
    opened = queue.take(0)
    assert opened is not None
    queue.posted(opened, 0)
    queue.add(alert(state="updated", update=1), 10)
    queue.add(alert(state="closed", update=2), 20)
    closed = queue.take(20)
    assert closed is not None
    assert closed.alert.state == "closed"


def test_an_update_is_as_urgent_as_the_opening_whose_place_it_takes() -> None:
    queue = waiting()
    queue.add(alert(state="closed"), 0)
    former = queue.take(0)
    assert former is not None
    queue.posted(former, 0)
    queue.add(alert(), 1)
    queue.add(alert(state="updated", update=1), 2)
    assert queue.take(2) is not None


def test_what_was_not_taken_waits_again_unless_there_is_something_newer() -> None:
    queue = waiting()
    queue.add(alert("a"), 0)
    queue.add(alert("b"), 0)
    first = queue.take(0)
    assert first is not None
    assert queue.give_back(first)
    assert queue.take(1) == first
    queue.add(alert("a", "updated", 1), 2)
    assert not queue.give_back(first)
    assert [notice.alert.update for notice in iter(lambda: queue.take(2), None)] == [0, 1]


def test_nothing_waits_for_ever() -> None:
    queue = waiting()
    queue.add(alert("a"), 0)
    queue.add(alert("b"), 1)
    assert [notice.alert.alert_id for notice in queue.drop_expired(10 * MINUTE)] == ["a"]
    assert [notice.alert.alert_id for notice in queue.drop_expired(11 * MINUTE)] == ["b"]
    assert queue.next_at() is None


EVENTS = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from(["opened", "updated", "closed"]), st.integers(0, 2_000))
)


@given(EVENTS)
def test_messages_follow_events_and_mere_updates_are_rare(events: list[tuple[str, str, int]]) -> None:
    queue, now, posted = waiting(), 0.0, dict[str, list[tuple[int, float, bool]]]()
    urgent_seen: dict[str, int] = {}
    for number, (name, state, pause) in enumerate(events):
        queue.add(alert(name, state, number), now)
        if state != "updated":
            urgent_seen[name] = number
        while notice := queue.take(now):
            told = posted.setdefault(notice.alert.alert_id, [])
            told.append((notice.alert.update, now, notice.urgent))
            queue.posted(notice, now)
        now += pause
    for name, told in posted.items():
        assert [update for update, _, _ in told] == sorted({update for update, _, _ in told})
        for (_, before, _), (_, at, urgent) in pairwise(told):
            assert urgent or at - before >= 30 * MINUTE
        assert told[-1][0] >= urgent_seen.get(name, 0)
