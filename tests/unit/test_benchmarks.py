"""The table of the benchmarks says what was met and what was missed."""

from tests.benchmarks.table import Row, at_least, at_most, page, results_table, stage_table


def test_a_figure_on_its_target_meets_it() -> None:
    assert at_least("ratio", 0.9, 0.9, "{:.2f}".format) == Row("ratio", "0.90", "≥ 0.90", True)
    assert at_most("p99", 1000.0, 1000.0, "{:.0f} ms".format) == Row("p99", "1000 ms", "≤ 1000 ms", True)


def test_a_missed_target_stands_out() -> None:
    table = results_table([at_most("p99", 1001.0, 1000.0, "{:.0f} ms".format), Row("rate", "5/s")])
    assert table.splitlines() == [
        "| what | measured | target | |",
        "|---|---|---|---|",
        "| p99 | 1001 ms | ≤ 1000 ms | **missed** |",
        "| rate | 5/s | | |",
    ]


def test_the_page_names_every_missed_target() -> None:
    rows = [
        at_least(name, value, 2.0, "{:.0f}".format) for name, value in (("a", 1.0), ("b", 3.0), ("c", 0.0))
    ]
    assert "Missed here: a; c." in page([("date", "today")], rows, {}, [])
    assert "is met" in page([("date", "today")], rows[1:2], {}, [])


def test_stages_are_shares_of_the_whole() -> None:
    assert stage_table({"decode": 1.0, "model": 3.0}).splitlines()[2:] == [
        "| decode | 1.0 | 25 % | `██████████` |",
        "| model | 3.0 | 75 % | `██████████████████████████████` |",
    ]
