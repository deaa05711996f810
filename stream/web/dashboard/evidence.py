"""What was observed against what was expected, drawn and in words."""

from stream.events import BrandAlert
from stream.web.dashboard.nodes import node
from stream.web.dashboard.words import KINDS, moment, observed_between, percent, q_words


def evidence(alert: BrandAlert) -> None:
    """Figures, a drawing of them on one scale, and how often such evidence misleads."""
    with node("dl", classes="bp-figures"):
        _figure(
            f"{KINDS[alert.kind]}, {alert.window}", _value(alert, alert.observed), observed_between(alert)
        )
        _figure("Expected", _value(alert, alert.expected), "by the brand's own days before")
        _figure("Reviews in the window", f"{alert.reviews:,}", f"from {moment(alert.start)}")
        if alert.state == "closed":
            _figure("Over", "closed", "these are its last figures, after an hour of calm")
        else:
            _figure("How often that misleads", _odds(alert.q_value), q_words(alert.q_value))
    with node("section", classes="bp-card"):
        _scale(alert)


def _figure(title: str, value: str, note: str) -> None:
    with node("div"):
        node("dt", title)
        node("dd", value)
        node("dd", note, "bp-note")


def _value(alert: BrandAlert, value: float) -> str:
    return percent(value) if alert.kind == "negative_share" else f"{value:,.0f}"


def _odds(q_value: float) -> str:
    return "q < 0.0001" if q_value < 0.0001 else f"q = {q_value:.2g}"


def _scale(alert: BrandAlert) -> None:
    """Expected as a bar across, observed as a dot with whiskers."""
    most = 1.0 if alert.kind == "negative_share" else 1.15 * max(alert.interval.high, alert.expected, 1.0)
    words = (
        f"observed {_value(alert, alert.observed)}, 95 % interval {observed_between(alert)}, "
        f"expected {_value(alert, alert.expected)}"
    )

    def at(value: float) -> str:
        return f"{2 + 96 * min(1.0, max(0.0, value / most)):.2f}%"

    low, high, colour = at(alert.interval.low), at(alert.interval.high), "var(--negative)"
    with node("svg", classes="bp-scale", role="img", aria_label=words, height="64"):
        _line("2%", "98%", 32, 32, "var(--line)", "1")
        _line(at(alert.expected), at(alert.expected), 14, 50, "var(--ink)", "2", stroke_dasharray="4 3")
        _line(low, high, 32, 32, colour, "3")
        _line(low, low, 24, 40, colour, "3")
        _line(high, high, 24, 40, colour, "3")
        node("circle", cx=at(alert.observed), cy="32", r="7", fill=colour)
        _text(at(alert.expected), 10, f"expected {_value(alert, alert.expected)}")
        _text(at(alert.observed), 62, f"observed {_value(alert, alert.observed)}, {observed_between(alert)}")


def _line(x1: str, x2: str, y1: int, y2: int, stroke: str, width: str, **more: str) -> None:
    node("line", x1=x1, x2=x2, y1=str(y1), y2=str(y2), stroke=stroke, stroke_width=width, **more)


def _text(x: str, y: int, text: str) -> None:
    node("text", text, x=x, y=str(y), text_anchor="middle")
