"""Events written by hand for the dashboard: brands that differ, one with an incident."""

import random
from collections.abc import Iterator

from stream.events import (
    WINDOWS,
    AlertReview,
    BrandAlert,
    BrandSentiment,
    Counts,
    FoldedTo,
    Interval,
    Intervals,
    Label,
    Scores,
    Series,
    SourceOffset,
    Trend,
    Window,
    WindowName,
)

MINUTE_MS, HOUR_MS = 60_000, 3_600_000
_TEXTS = {
    "negative": "Since the update it drops every connection, and nobody answers.",
    "neutral": "Does what it says, not more.",
    "positive": "Runs for weeks without a hitch, would buy it again.",
}


def brand_sentiment(
    brand: str,
    now_ms: int,
    *,
    pick: random.Random,
    hourly: float = 40.0,
    negative: float = 0.15,
    bad: float = 0.0,
) -> BrandSentiment:
    """A brand with so many reviews an hour; for the last 20 minutes `bad` is added to the negative share."""
    minutes = [_drawn(pick, hourly / 60, negative + (bad if index >= 40 else 0)) for index in range(60)]
    hours = [_drawn(pick, hourly * (1 + 0.5 * (index % 24 > 12)), negative) for index in range(24)]
    return BrandSentiment(
        brand=brand,
        brand_key=brand.casefold(),
        as_of=now_ms,
        windows={
            "5m": _window("5m", now_ms, _sum(minutes[-5:])),
            "1h": _window("1h", now_ms, _sum(minutes)),
            "24h": _window("24h", now_ms, _sum(hours)),
            "7d": _window("7d", now_ms, [7 * count for count in _sum(hours)]),
        },
        trend=_trend(pick, bad, sum(_sum(hours))),
        minutes=_series(minutes, now_ms, MINUTE_MS),
        hours=_series(hours, now_ms, HOUR_MS),
        model="bilstm@0123456789ab",
        origin=FoldedTo(partition=0, offset=1),
    )


def brands(count: int, now_ms: int, seed: int = 1) -> Iterator[BrandSentiment]:
    """Many brands from busy to nearly silent."""
    pick = random.Random(seed)
    for number in range(count):
        hourly = pick.choice((0.03, 0.2, 2.0, 10.0, 40.0, 200.0))
        name = f"{pick.choice(_FIRST)}{pick.choice(_LAST)} {number:04d}"
        yield brand_sentiment(name, now_ms, pick=pick, hourly=hourly, negative=pick.betavariate(2, 8))


_FIRST = ("Tarv", "Grob", "Wex", "Huv", "Snor", "Quim", "Ilmo", "Ketti", "Plim", "Drak", "Fenno", "Ooster")
_LAST = ("olle", "beltone", "alond", "renne", "bec", "brel", "varre", "vane", "merdy", "keby", "lup", "quill")


def label(brand: str, now_ms: int, offset: int, name: str = "negative", **more: object) -> Label:
    """A label with its text, unless `more` says otherwise."""
    share = {"negative": 0.02, "neutral": 0.02, "positive": 0.02, name: 0.96}
    fields = {
        "event_id": f"reviews-0-{offset}",
        "review_id": f"r-{offset}",
        "brand": brand,
        "label": name,
        "scores": Scores(**share),
        "confidence": 0.96,
        "model": "bilstm@0123456789ab",
        "created_at": now_ms - 30_000,
        "received_at": now_ms - 900,
        "scored_at": now_ms - 700,
        "origin": SourceOffset(topic="reviews", partition=0, offset=offset),
        "text_digest": f"{offset:016x}",
        "sketch": f"{offset:016x}",
        "source": "shop",
        "stars": {"negative": 1, "neutral": 3, "positive": 5}[name],
        "text": _TEXTS[name],
    }
    return Label.model_validate(fields | more)


def alert(brand: str, now_ms: int, **more: object) -> BrandAlert:
    """An open alert on negative share, driven by the reviews 1 to 3 of partition 0."""
    drivers = [
        AlertReview(
            event_id=f"reviews-0-{offset}",
            label_offset=offset,
            confidence=0.99 - offset / 100,
            created_at=now_ms - 60_000 * offset,
            copies=3 if offset == 2 else 1,
        )
        for offset in (1, 2, 3)
    ]
    fields = {
        "alert_id": f"{brand.casefold()}-negative",
        "brand": brand,
        "brand_key": brand.casefold(),
        "state": "updated",
        "kind": "negative_share",
        "severity": "critical",
        "update": 2,
        "window": "1h",
        "start": now_ms - HOUR_MS,
        "end": now_ms,
        "opened_at": now_ms - 15 * MINUTE_MS,
        "as_of": now_ms,
        "reviews": 212,
        "observed": 0.57,
        "expected": 0.11,
        "interval": Interval(low=0.5, high=0.63),
        "q_value": 0.00003,
        "drivers": drivers,
        "origin": FoldedTo(partition=0, offset=3),
    }
    return BrandAlert.model_validate(fields | more)


def _drawn(pick: random.Random, mean: float, negative: float) -> list[int]:
    count = int(mean) + (pick.random() < mean % 1) + (pick.randrange(3) - 1 if mean > 3 else 0)
    drawn = pick.choices(range(3), (negative, 0.15, max(0.02, 0.85 - negative)), k=max(0, count))
    return [drawn.count(index) for index in range(3)]


def _sum(steps: list[list[int]]) -> list[int]:
    return [sum(step[index] for step in steps) for index in range(3)]


def _series(steps: list[list[int]], now_ms: int, step_ms: int) -> Series:
    start = (now_ms // step_ms - len(steps) + 1) * step_ms
    negative, neutral, positive = ([step[index] for step in steps] for index in range(3))
    return Series(start=start, step=step_ms, negative=negative, neutral=neutral, positive=positive)


def _window(name: WindowName, now_ms: int, counts: list[int]) -> Window:
    reviews = sum(counts)
    end = (now_ms // MINUTE_MS + 1) * MINUTE_MS
    shares = None if not reviews else Scores.model_validate(_named([count / reviews for count in counts]))
    half = 0.0 if not reviews else 1 / (reviews + 2) ** 0.5
    net = None if shares is None else round(shares.positive - shares.negative, 6)
    return Window(
        start=end - WINDOWS[name],
        end=end,
        counts=Counts.model_validate(_named(counts)),
        counted=shares,
        shares=shares,
        net=net,
        intervals=None if shares is None or net is None else _intervals(shares, net, half),
        enough=reviews >= 20,
        late=0,
    )


def _named(values: list[int] | list[float]) -> dict[str, float]:
    return dict(zip(("negative", "neutral", "positive"), values, strict=True))


def _intervals(shares: Scores, net: float, half: float) -> Intervals:
    parts = {
        name: Interval(low=max(0, value - half), high=min(1, value + half))
        for name, value in shares.model_dump().items()
    }
    return Intervals(**parts, net=Interval(low=max(-1, net - 2 * half), high=min(1, net + 2 * half)))


def _trend(pick: random.Random, bad: float, reviews: int) -> Trend | None:
    if not reviews:
        return None
    half = min(1.0, 1.5 / reviews**0.5)
    change = max(-1.0, min(1.0, pick.gauss(-bad / 2, half * 0.7)))
    interval = Interval(low=change - half, high=change + half)
    clear = interval.low > 0 or interval.high < 0
    return Trend(net=0.4, before=0.4 - change / 2, change=change, interval=interval, clear=clear)
