"""Puts the pipeline together from settings and a loaded model."""

import time
from collections.abc import Mapping
from functools import partial

from stream.kafka.partitioner import partition_of
from stream.scoring.classifier import Classifier, Observe
from stream.scoring.inference import Model, create_classifier
from stream.scoring.labels import LabelFormat
from stream.scoring.pipeline import Destination, Pipeline
from stream.settings import Settings


def create_pipeline(
    settings: Settings, model: Model, partitions: Mapping[str, int], observe: Observe
) -> Pipeline:
    """The pipeline of a `score` worker; `partitions` gives each topic's partition count by its short name.

    Raises:
        BundleUnusable: the model does not reproduce its goldens.
    """
    classifier = create_classifier(model, settings, clock=time.perf_counter, observe=observe)
    return pipeline_around(classifier, model.name, settings, partitions, observe)


def pipeline_around(
    classifier: Classifier, name: str, settings: Settings, partitions: Mapping[str, int], observe: Observe
) -> Pipeline:
    """The pipeline around a classifier, whose labels say that they are by the model `name`."""
    form = LabelFormat(name, settings.topic("reviews"), settings.output_text_chars)
    dead_letter_topic, dead_letter_partitions = settings.topic("reviews-dlq"), partitions["reviews-dlq"]
    return Pipeline(
        classifier,
        form,
        Destination(
            settings.topic("review-sentiment"),
            partial(partition_of, partitions=partitions["review-sentiment"]),
        ),
        lambda source: (dead_letter_topic, source % dead_letter_partitions),
        clock=time.perf_counter,
        wall_ms=lambda: time.time_ns() // 1_000_000,
        observe=observe,
    )
