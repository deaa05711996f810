"""Quix Streams: a StreamingDataFrame that applies the model. At least once, or exactly once.

Review by review: its windows make batches only for each key, and keep the rest until they are full.
"""

from typing import Any

from quixstreams import Application

from tests.benchmarks.peers.command import Options, options
from tests.benchmarks.peers.model import LABELS, Model


def main(given: Options) -> None:
    app = Application(
        broker_address=given.brokers,
        consumer_group=given.group,
        auto_offset_reset="earliest",
        processing_guarantee="exactly-once" if given.exactly_once else "at-least-once",
        commit_interval=0.15 if given.exactly_once else 5.0,
        consumer_extra_config={"session.timeout.ms": 6000},
        state_dir=given.state,
        auto_create_topics=False,
        loglevel="WARNING",
    )
    reviews = app.topic(given.source, value_deserializer="json")
    labels = app.topic(given.target, value_serializer="json")
    model = Model(given.bundle)

    def score(review: dict[str, Any]) -> dict[str, Any]:
        label, scores = model.score([review["text"]])[0]
        return {
            "review_id": review["review_id"],
            "brand": review["brand"],
            "label": label,
            "confidence": max(scores),
            "scores": dict(zip(LABELS, scores, strict=True)),
        }

    app.dataframe(reviews).apply(score).to_topic(labels)
    app.run()


if __name__ == "__main__":
    main(options())
