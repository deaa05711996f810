"""How often a client may ask: a token bucket for each, refilled all the time. Pure: `now` is an argument."""

from collections import OrderedDict
from dataclasses import dataclass

MOST_CLIENTS = 10_000


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class Quota:
    """Lets `per_second` requests of each client pass, and as many at once as fit in two seconds."""

    def __init__(self, per_second: float) -> None:
        self._per_second = per_second
        self._size = max(1.0, 2 * per_second)
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, client: str, now: float) -> float:
        """Count one request at `now`, monotonic seconds; 0: it may pass, else the seconds to wait.

        >>> quota = Quota(0.5)
        >>> quota.take("a", now=0.0), quota.take("a", now=0.5), quota.take("b", now=0.5)
        (0.0, 1.0, 0.0)
        """
        bucket = self._buckets.pop(client, None) or _Bucket(self._size, now)
        self._buckets[client] = bucket
        if len(self._buckets) > MOST_CLIENTS:
            self._buckets.popitem(last=False)
        bucket.left = min(self._size, bucket.left + (now - bucket.at) * self._per_second)
        bucket.at = now
        if bucket.left < 1:
            return (1 - bucket.left) / self._per_second
        bucket.left -= 1
        return 0.0
