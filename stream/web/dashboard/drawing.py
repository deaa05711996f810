"""The charts of a brand's page, each with its text alternative."""

from collections.abc import Callable, Sequence

from nicegui import ui

from stream.events import LABELS, BrandAlert
from stream.web.dashboard.charts import Options, Point, Span, incidents, net_chart, share_chart, volume_chart
from stream.web.dashboard.courses import Course
from stream.web.dashboard.nodes import node
from stream.web.dashboard.words import SIGNS, moment, percent, signed

Draw = Callable[[Sequence[Point], Sequence[Span], tuple[int, int]], Options]


class Chart:
    """A card with a chart that can be drawn again, and a sentence for those who do not see it."""

    def __init__(self, title: str, draw: Draw, classes: str = "") -> None:
        self._title = title
        self._draw = draw
        with node("section", classes="bp-card"):
            with node("div", classes="bp-card-head"):
                node("h2", title)
                self._note = node("span", "", "muted small")
                self.legend = node("span", classes="bp-legend", aria_hidden="true")
            self._picture = ui.echart({}, renderer="svg").classes(f"bp-chart {classes}")
            self._picture.props["role"] = "img"

    def show(
        self, points: Sequence[Point], spans: Sequence[Span], over: tuple[int, int], note: str, sentence: str
    ) -> None:
        """Draw what there is from one time to another, ms."""
        self._note.set_text(note)
        self._picture.options.clear()
        self._picture.options.update(self._draw(points, spans, over))
        self._picture.props["aria-label"] = f"{self._title}, {note}: {sentence}"
        self._picture.update()


class Charts:
    """Shares, net sentiment and volume over the same time."""

    def __init__(self) -> None:
        self._shares = Chart("Shares", share_chart)
        self._net = Chart("Net sentiment", net_chart, "low")
        self._volume = Chart("Reviews", volume_chart, "low")
        with self._volume.legend:
            node("span", "negative", "negative", data_sign=SIGNS["negative"])
            node("span", "others", "neutral", data_sign="")

    def show(self, course: Course, alerts: Sequence[BrandAlert]) -> None:
        """Draw a course with the alerts that lie in it."""
        over = course.start_ms, course.end_ms
        spans = incidents(alerts, *over)
        self._show_legend(bool(spans))
        self._shares.show(course.lines, spans, over, course.shares_are, _shares_in_words(course.lines))
        self._net.show(course.lines, spans, over, course.band_is, _net_in_words(course.lines))
        total = sum(point.reviews for point in course.bars)
        self._volume.show(course.bars, spans, over, course.bar_is, f"{total:,} reviews")

    def _show_legend(self, with_incident: bool) -> None:
        self._shares.legend.clear()
        with self._shares.legend:
            for label in LABELS:
                node("span", label, label, data_sign=SIGNS[label])
            if with_incident:
                node("span", "alert", "incident")


def _shares_in_words(points: Sequence[Point]) -> str:
    known = [point.shares for point in points if point.shares is not None]
    if not known:
        return "no reviews"
    return "; ".join(
        f"{label} from {percent(known[0][index])} to {percent(known[-1][index])}"
        for index, label in enumerate(LABELS)
    )


def _net_in_words(points: Sequence[Point]) -> str:
    known = [(point.net, point.at_ms) for point in points if point.net is not None]
    if not known:
        return "no reviews"
    least, at_ms = min(known)
    return f"now {signed(known[-1][0])}, lowest {signed(least)} at {moment(at_ms)}"
