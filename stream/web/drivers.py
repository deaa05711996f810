"""The labels of the reviews that drove an alert: the recent ones are at hand, others are read from Kafka."""

from collections.abc import Mapping

from stream.events import BrandAlert
from stream.web.lookup import LabelSource
from stream.web.recent import RecentReviews
from stream.web.values import RecentReview, read_review


async def driver_reviews(
    alert: BrandAlert, recent: RecentReviews, source: LabelSource
) -> Mapping[str, RecentReview]:
    """Those that are still there, by event id; text only where labels carry it."""
    partition = alert.origin.partition
    found = {driver.event_id: recent.get(driver.event_id) for driver in alert.drivers}
    missing = {each.label_offset: each.event_id for each in alert.drivers if found[each.event_id] is None}
    values = await source.labels(partition, missing) if missing else {}
    for offset, value in values.items():
        event_id = missing[offset]
        review = read_review(partition, offset, value, recent.marks(event_id))
        # Another event there: the topic was made again since.
        if review is not None and review.event_id == event_id:
            found[event_id] = review
    return {event_id: review for event_id, review in found.items() if review is not None}
