"""The dead-letter budget: past it the deploy is broken, not the reviews (after Sentry's arroyo, `dlq.py`)."""

from collections import deque


class DeadLetterBudget:
    """Watches the outcomes of the last `window` reviews.

    >>> budget = DeadLetterBudget(share=0.5, window=4)
    >>> [budget.spend(outcomes=1, rejected=n) for n in (1, 0, 1, 1)]
    [False, False, False, True]
    """

    def __init__(self, share: float, window: int) -> None:
        self._limit = share * window
        self._window = window
        self._recent: deque[tuple[int, int]] = deque()
        self._outcomes = self._rejected = 0

    def spend(self, outcomes: int, rejected: int) -> bool:
        """Note a chunk's outcomes; True when more than the allowed share of the window was rejected."""
        self._recent.append((outcomes, rejected))
        self._outcomes += outcomes
        self._rejected += rejected
        while self._outcomes - self._recent[0][0] >= self._window:
            old_outcomes, old_rejected = self._recent.popleft()
            self._outcomes -= old_outcomes
            self._rejected -= old_rejected
        return self._rejected > self._limit
