"""The page of the pipeline: throughput, consumer lag, label latency, dead letters by reason; live."""

from nicegui import ui

from stream.web.dashboard.backstage import Backstage
from stream.web.dashboard.frame import REFRESH_SECONDS, frame
from stream.web.dashboard.nodes import node
from stream.web.pipeline import PipelineFigures

_REASONS = {"undecodable": "not readable as JSON", "invalid": "a field is missing or wrong"}
_UNKNOWN = "\u2013"


def pipeline_page(backstage: Backstage) -> None:
    """How the stream does."""
    with frame(backstage, "pipeline", "Pipeline"):
        node("h1", "Pipeline")
        place = node("div", classes="bp-column")
        drawn: list[object] = [None]

        def refresh() -> None:
            figures = backstage.pipeline.figures(backstage.now_ms())
            away = backstage.history.state == "away"
            if (figures, away) != drawn[0]:
                drawn[0] = (figures, away)
                place.clear()
                with place:
                    _figures(figures, len(backstage.view.rows()), away)
                    _lags(figures)
                    _dead_letters(figures)

        refresh()
        ui.timer(REFRESH_SECONDS, refresh)


def _figures(figures: PipelineFigures, brands: int, history_away: bool) -> None:
    latency = figures.latency
    with node("dl", classes="bp-figures"):
        _figure("Reviews in", _rate(figures.reviews_per_second), "a second, of the last half minute")
        _figure("Labels out", _rate(figures.labels_per_second), "a second, of the last half minute")
        _figure(
            "From review to label",
            _UNKNOWN if latency is None else _seconds(latency.p50),
            "no labels yet"
            if latency is None
            else f"half are faster; 95 % under {_seconds(latency.p95)}, 99 % under {_seconds(latency.p99)}",
        )
        _figure("Brands", f"{brands:,}", "in the live view")
        _figure("History", "away" if history_away else "there", "the database of hours and notes")


def _figure(title: str, value: str, note: str) -> None:
    with node("div"):
        node("dt", title)
        node("dd", value)
        node("dd", note, "bp-note")


def _lags(figures: PipelineFigures) -> None:
    with node("section", classes="bp-card"):
        node("h2", "Consumer lag")
        if not figures.lags:
            node("p", "No consumer group has committed offsets yet.", "muted")
            return
        _table(
            ("Group", "Topic", "Records to read"),
            [(lag.group, lag.topic, f"{lag.lag:,}") for lag in figures.lags],
        )


def _dead_letters(figures: PipelineFigures) -> None:
    with node("section", classes="bp-card"):
        node("h2", "Dead letters of the last hour")
        if not figures.dead_letters:
            node("p", "None: every review could be read.", "muted")
            return
        _table(
            ("Reason", "Meaning", "Reviews"),
            [
                (reason, _REASONS.get(reason, ""), f"{number:,}")
                for reason, number in sorted(figures.dead_letters.items())
            ],
        )


def _table(titles: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    """The last column is a number."""
    with node("table", classes="bp-table"):
        with node("thead"), node("tr"):
            for title in titles:
                node("th", title, "number" if title == titles[-1] else "", scope="col")
        with node("tbody"):
            for row in rows:
                with node("tr"):
                    for cell in row[:-1]:
                        node("td", cell)
                    node("td", row[-1], "number")


def _rate(per_second: float | None) -> str:
    if per_second is None:
        return _UNKNOWN
    return f"{per_second:,.0f}" if per_second >= 10 else f"{per_second:.1f}"


def _seconds(milliseconds: int) -> str:
    return f"{milliseconds:,} ms" if milliseconds < 10_000 else f"{milliseconds / 1000:,.0f} s"
