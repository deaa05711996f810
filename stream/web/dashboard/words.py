"""Figures in words, each with its uncertainty. Pure.

Nothing here ever holds more digits than the figure deserves: two for a share, and none for an age.
"""

from datetime import UTC, datetime

from stream.events import BrandAlert, Interval, Trend

MINUS = "\u2212"
SIGNS = {"negative": MINUS, "neutral": "o", "positive": "+"}
KINDS = {"negative_share": "Negative share", "volume": "Volume"}


def signed(value: float) -> str:
    """
    >>> signed(0.314), signed(-0.5)
    ('+0.31', '−0.50')
    """
    return ("+" if value >= 0 else MINUS) + f"{abs(value):.2f}"


def between(interval: Interval) -> str:
    """The bounds of a signed figure.

    >>> between(Interval(low=-0.1, high=0.25))
    '−0.10 to +0.25'
    """
    return f"{signed(interval.low)} to {signed(interval.high)}"


def percent(share: float) -> str:
    """Whole percents, with a digit more where they are few.

    >>> percent(0.314), percent(0.034)
    ('31 %', '3.4 %')
    """
    return f"{share:.1%}".replace("%", " %") if share < 0.0995 else f"{share:.0%}".replace("%", " %")


def age(milliseconds: int) -> str:
    """How long ago or how long, in its largest unit.

    >>> age(3_000), age(150_000), age(7_200_000), age(200_000_000)
    ('3 s', '2 min', '2 h', '2 d')
    """
    seconds = max(0, milliseconds) // 1000
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= (2 * length if unit == "d" else length):
            return f"{seconds // length} {unit}"
    return f"{seconds} s"


def moment(milliseconds: int) -> str:
    """A time in UTC.

    >>> moment(0)
    '1 Jan 1970, 00:00 UTC'
    """
    time = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return f"{time.day} {time:%b %Y, %H:%M} UTC"


def trend_words(trend: Trend) -> str:
    """What the change says, and what it does not."""
    if not trend.clear:
        return f"no clear change ({between(trend.interval)})"
    return f"{'better' if trend.change > 0 else 'worse'}: {between(trend.interval)}"


def alert_title(alert: BrandAlert) -> str:
    """What happened, in figures."""
    if alert.kind == "volume":
        return f"{alert.observed:,.0f} reviews in {alert.window}, {alert.expected:,.0f} expected"
    return (
        f"{percent(alert.observed)} negative in {alert.window}, {percent(alert.expected)} expected "
        f"of {alert.reviews:,} reviews"
    )


def observed_between(alert: BrandAlert) -> str:
    """The interval of what was observed, in its own unit."""
    low, high = alert.interval.low, alert.interval.high
    if alert.kind == "volume":
        return f"{low:,.0f} to {high:,.0f}"
    return f"{percent(low)} to {percent(high)}"


def q_words(q_value: float) -> str:
    """The false discovery rate as a natural frequency.

    >>> q_words(0.004)
    'Of 1,000 alerts as striking as this, about 4 would be false.'
    """
    if q_value < 0.0001:
        return "Of 10,000 alerts as striking as this, fewer than one would be false."
    of = 10_000 if q_value < 0.001 else 1_000 if q_value < 0.01 else 100
    return f"Of {of:,} alerts as striking as this, about {round(q_value * of):,} would be false."
