"""Options of the charts, for ECharts drawing SVG: colours are the page's own and follow its theme. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from stream.events import LABELS, BrandAlert
from stream.web.dashboard.words import SIGNS

Options = dict[str, Any]

_FONT = {"fontFamily": "Roboto, system-ui, sans-serif", "fontSize": 12, "color": "var(--muted)"}
_LINE = {"lineStyle": {"color": "var(--line)"}}


@dataclass(frozen=True, slots=True)
class Point:
    """What is drawn at one time: reviews, their shares (negative, neutral, positive), net and its interval.

    Without reviews shares, `net`, `low` and `high` are None.
    """

    at_ms: int
    counts: tuple[int, int, int]
    shares: tuple[float, float, float] | None
    net: float | None
    low: float | None
    high: float | None

    @property
    def reviews(self) -> int:
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time that is marked: an incident."""

    start_ms: int
    end_ms: int
    name: str


def incidents(alerts: Iterable[BrandAlert], start_ms: int, end_ms: int) -> list[Span]:
    """Each from the opening of the alert to its close, as far as that is shown; an open one to the end."""
    spans = (
        Span(
            max(start_ms, alert.opened_at),
            min(end_ms, alert.as_of) if alert.state == "closed" else end_ms,
            alert.severity,
        )
        for alert in alerts
    )
    return [span for span in spans if span.start_ms < span.end_ms]


def share_chart(points: Sequence[Point], spans: Sequence[Span], over: tuple[int, int]) -> Options:
    """The three shares as areas on top of each other; together they fill the chart."""
    series = [
        {
            "name": f"{SIGNS[label]} {label}",
            "type": "line",
            "stack": "shares",
            "data": [[point.at_ms, _share(point, index)] for point in points],
            "symbol": "none",
            "lineStyle": {"width": 0},
            "areaStyle": {"color": f"var(--{label})", "opacity": 0.9},
            "itemStyle": {"color": f"var(--{label})"},
            "emphasis": {"disabled": True},
        }
        for index, label in enumerate(LABELS)
    ]
    series[-1]["markArea"] = _marks(spans, "var(--ink)")
    series[-1]["markLine"] = _starts(spans)
    return {
        **_frame(over),
        "yAxis": _axis(0, 1, "value => Math.round(value * 100) + ' %'", 0.5),
        "tooltip": _tooltip("value => value === null ? 'none' : Math.round(value * 100) + ' %'"),
        "series": series,
    }


def net_chart(points: Sequence[Point], spans: Sequence[Span], over: tuple[int, int]) -> Options:
    """Net sentiment as a line within its band."""
    band = {"type": "line", "stack": "band", "stackStrategy": "all", "symbol": "none", "silent": True}
    bare = {**band, "lineStyle": {"width": 0}, "emphasis": {"disabled": True}, "tooltip": {"show": False}}
    return {
        **_frame(over),
        "yAxis": _axis(-1, 1, "value => (value > 0 ? '+' : value < 0 ? '\u2212' : '') + Math.abs(value)", 1),
        "tooltip": _tooltip("value => value === null ? 'none' : value.toFixed(2)"),
        "series": [
            {**bare, "name": "from", "data": [[point.at_ms, point.low] for point in points]},
            {
                **bare,
                "name": "to",
                "data": [[point.at_ms, _width(point)] for point in points],
                "areaStyle": {"color": "var(--band)", "opacity": 1},
            },
            {
                "name": "net sentiment",
                "type": "line",
                "data": [[point.at_ms, _rounded(point.net)] for point in points],
                "symbol": "circle",
                "symbolSize": 4,
                "showSymbol": len(points) <= 40,
                "lineStyle": {"width": 2, "color": "var(--positive)"},
                "itemStyle": {"color": "var(--positive)"},
                "emphasis": {"disabled": True},
                "markArea": _marks(spans, "var(--incident)"),
                "markLine": _starts(spans),
            },
        ],
    }


def volume_chart(points: Sequence[Point], spans: Sequence[Span], over: tuple[int, int]) -> Options:
    """Reviews by step as bars, the negative ones at the bottom."""
    parts = (("negative", (0,), "var(--negative)"), ("others", (1, 2), "var(--neutral)"))
    series: list[dict[str, Any]] = [
        {
            "name": name,
            "type": "bar",
            "stack": "volume",
            "barCategoryGap": "20%",
            "data": [[point.at_ms, sum(point.counts[index] for index in which)] for point in points],
            "itemStyle": {"color": colour},
            "emphasis": {"disabled": True},
        }
        for name, which, colour in parts
    ]
    series[0]["markArea"] = _marks(spans, "var(--incident)")
    series[0]["markLine"] = _starts(spans)
    axis = {**_axis(0, None, None, None), "minInterval": 1, "splitNumber": 2}
    return {**_frame(over), "yAxis": axis, "tooltip": _tooltip(None), "series": series}


def _frame(over: tuple[int, int]) -> Options:
    return {
        "useUTC": True,
        "animation": False,
        "textStyle": _FONT,
        "grid": {"left": 48, "right": 14, "top": 10, "bottom": 26},
        "xAxis": {
            "type": "time",
            "min": over[0],
            "max": over[1],
            "axisLine": _LINE,
            "axisTick": {"show": False},
            "splitLine": {"show": False},
            "axisLabel": {**_FONT, "hideOverlap": True},
        },
    }


def _axis(least: float | None, most: float | None, formatter: str | None, step: float | None) -> Options:
    axis: Options = {"type": "value", "min": least, "max": most, "interval": step}
    label = {**_FONT, **({} if formatter is None else {":formatter": formatter})}
    shown = {name: value for name, value in axis.items() if value is not None}
    return {**shown, "axisLabel": label, "splitLine": _LINE}


def _tooltip(formatter: str | None) -> Options:
    shown = {} if formatter is None else {":valueFormatter": formatter}
    return {
        "trigger": "axis",
        "confine": True,
        "backgroundColor": "var(--surface)",
        "borderColor": "var(--line)",
        "textStyle": {**_FONT, "color": "var(--ink)"},
        **shown,
    }


def _marks(spans: Sequence[Span], colour: str) -> Options:
    return {
        "silent": True,
        "itemStyle": {"color": colour, "opacity": 0.16 if colour == "var(--ink)" else 1, "borderWidth": 0},
        "label": {"show": False},
        "data": [[{"name": span.name, "xAxis": span.start_ms}, {"xAxis": span.end_ms}] for span in spans],
    }


def _starts(spans: Sequence[Span]) -> Options:
    return {
        "silent": True,
        "symbol": "none",
        "label": {"show": False},
        "lineStyle": {"color": "var(--ink)", "width": 1.5, "type": "dashed"},
        "data": [{"xAxis": span.start_ms} for span in spans],
    }


def _share(point: Point, index: int) -> float | None:
    return None if point.shares is None else _rounded(point.shares[index])


def _width(point: Point) -> float | None:
    return None if point.low is None or point.high is None else _rounded(point.high - point.low)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
