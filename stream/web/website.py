"""What the role `web` shows and by which clocks: one object for all pages."""

from collections.abc import Callable
from dataclasses import dataclass

from stream.settings import Settings
from stream.web.access import Gate
from stream.web.history import History
from stream.web.live import LiveFeed
from stream.web.lookup import LabelSource
from stream.web.orders import Orders
from stream.web.pipeline import Pipeline
from stream.web.view import LiveView


@dataclass(frozen=True, slots=True)
class Site:
    """Everything that pages are made from.

    Attributes:
        now_ms: the wall clock.
        now_seconds: monotonic; the clock of `view.read_at`.
    """

    settings: Settings
    view: LiveView
    pipeline: Pipeline
    orders: Orders
    feed: LiveFeed
    history: History
    labels: LabelSource
    gate: Gate
    now_ms: Callable[[], int]
    now_seconds: Callable[[], float]
