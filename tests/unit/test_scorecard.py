"""The scorecard counts lines, lost and doubled labels as it says, and its page tells what was found."""

import math
from pathlib import Path

import pytest

from tests.benchmarks.scorecard.contestants import CONTESTANTS, ONE_PROCESS, OURS, PEERS
from tests.benchmarks.scorecard.counting import Damage, agreement, damage
from tests.benchmarks.scorecard.drain import Drained
from tests.benchmarks.scorecard.lines import lines_of
from tests.benchmarks.scorecard.load import Delays, Loaded, Traffic
from tests.benchmarks.scorecard.page import euros_per_million, milliseconds, page, summary, targets_of
from tests.benchmarks.scorecard.plots import draw
from tests.benchmarks.scorecard.results import Card, Kill, Results, read, save

SOURCE = '''"""A module.

Of two paragraphs."""

# A comment.
import os  # counts


def f(
    a,
):
    """Says what it does."""
    text = """counts,
    twice"""
    return os, a, text
'''


def a_card(name: str, *rates: float, heavy: bool = False) -> Card:
    """A contestant with a round for each rate."""
    rounds = [Drained(rate, 200.0, 300.0, 1.5) for rate in rates]
    return Card(name, f"the {name}", "at least once", 42, heavy, rounds)


def results_of(*cards: Card) -> Results:
    """A run of those."""
    return Results([("date", "today")], {card.name: card for card in cards}, [12_000.0, 8_000.0])


def test_lines_are_counted_without_blanks_comments_and_docstrings() -> None:
    assert lines_of(SOURCE) == 7


def test_a_string_that_is_used_counts_as_code() -> None:
    assert lines_of('x = """a\nb\nc"""\n') == 3


def test_a_source_that_is_no_python_is_not_counted() -> None:
    with pytest.raises(SyntaxError):
        lines_of("def (:\n")


@pytest.mark.parametrize(
    ("labelled", "expected"),
    [
        (["a", "b", "c"], Damage(0, 0)),
        (["a", "a", "a", "b", "c"], Damage(0, 2)),
        ([], Damage(3, 0)),
        (["b", "b"], Damage(2, 1)),
    ],
)
def test_lost_and_doubled_are_told_apart(labelled: list[str], expected: Damage) -> None:
    assert damage(["a", "b", "c"], labelled) == expected


def test_labels_are_compared_where_both_have_one() -> None:
    assert agreement({"a": "x", "b": "y"}, {"b": "y", "c": "z"}) == 1.0
    assert agreement({"a": "x"}, {"b": "x"}) is None


def test_every_peer_is_a_file_and_ours_costs_no_line() -> None:
    for each in CONTESTANTS.values():
        assert not each.module or (PEERS / f"{each.module}.py").is_file()
        assert (each.lines > 0) == (each.name not in (OURS, ONE_PROCESS))


def test_a_delay_runs_from_the_sending_to_the_first_reading() -> None:
    traffic = Traffic([b""], sent=[1.0, 2.0, 3.0])
    traffic.arrived = [(1.25, b'{"review_id":"r000000000"}'), (9.0, b'{"review_id":"r000000000"}')]
    assert traffic.delays_ms(0.0, 1.5) == [250.0]


def test_a_label_that_never_came_is_infinitely_late() -> None:
    traffic = Traffic([b""], sent=[1.0, 2.0])
    assert traffic.delays_ms(1.0, 3.0) == [math.inf, math.inf]
    assert milliseconds(math.inf) == "never"


def test_reviews_of_the_load_have_ids_of_their_own() -> None:
    traffic = Traffic([b'"text":"a"}', b'"text":"b"}'])
    assert traffic.value(2) == b'{"review_id":"r000000002","text":"a"}'


def test_targets_are_ratios_to_the_best_peer_and_to_the_tuned_one() -> None:
    heavy = a_card("transformer", 90_000, heavy=True)
    cards = (a_card(OURS, 9_000), a_card("faust", 1_000), a_card("quix", 2_000), a_card("confluent", 7_500))
    rows = {row.what: row for row in targets_of(results_of(*cards, heavy))}
    assert rows["against the best as documented (the quix)"].measured == "4.5 ×"
    assert rows["against the one tuned by hand"].met is False
    assert rows["end to end / bare model (10,000/s)"].measured == "0.90"


def test_without_ours_there_are_no_targets() -> None:
    assert targets_of(results_of(a_card("faust", 1_000))) == []
    assert targets_of(results_of(a_card(OURS), a_card("faust", 1_000))) == []


def test_the_median_round_counts_and_the_spread_is_shown() -> None:
    table = summary(results_of(a_card("faust", 900, 1_000, 1_500)), 0.04)
    assert "| the faust | at least once | 1,000 (±30 %) | 200 |" in table
    assert "| 300 | 1.5 | 42 |" in table


def test_a_million_costs_what_its_cores_cost_while_it_lasts() -> None:
    assert euros_per_million(1_000, 0.36, 2) == pytest.approx(0.2)


def test_what_could_not_be_measured_is_named() -> None:
    card = a_card("flink")
    card.faults.append("it ended with status 1")
    assert "Not measured of the flink: it ended with status 1." in summary(results_of(card), 0.04)


def test_a_run_is_read_back_as_it_was_kept(tmp_path: Path) -> None:
    card = a_card(OURS, 9_000)
    card.loaded = Loaded(8_000, [Delays(0.5, 4_000, 60, 200, math.inf), Delays(0.7, 5_600, 70, 300, 400)])
    card.kill = Kill(90_000, 0, 12, None, 1.0)
    kept = results_of(card, a_card("faust"))
    save(kept, tmp_path / "deeper" / "scorecard.json")
    assert read(tmp_path / "deeper" / "scorecard.json") == kept


def test_the_page_shows_delays_and_what_a_kill_costs(tmp_path: Path) -> None:
    card = a_card(OURS, 9_000)
    card.loaded = Loaded(8_000, [Delays(0.5, 4_000, 60, 200, 300), Delays(0.7, 5_600, 70, 501, math.inf)])
    card.kill = Kill(90_000, 3, 12, None, 0.9999)
    kept = results_of(card, a_card("faust", 1_000))
    shown = page(kept, 0.04)
    assert "| the brandpulse | 8,000 | 60 ms | 200 ms | 300 ms | 70 ms | 501 ms | never |" in shown
    assert "| the brandpulse | 90,000 | 3 | 12 | never | 99.99 % |" in shown
    assert "| p99 at 70 % | 501 ms | ≤ 500 ms | **missed** |" in shown
    draw(kept, tmp_path)
    assert (tmp_path / "scorecard.png").stat().st_size > 0
