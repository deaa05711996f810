"""The worker `score` with a model that answers zeros at once: `python -m tests.benchmarks.stand_in`.

Everything else is the real thing, the tokenizer of the bundle included.
"""

import time
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from export.bundle import read_bundle
from stream.events import LABELS
from stream.kafka.messages import ReceivedRecord
from stream.kafka.topics import require_topics
from stream.logs import configure
from stream.process import Process
from stream.scoring.agent import ScoreRole
from stream.scoring.assembly import pipeline_around
from stream.scoring.classifier import Classifier, Observe
from stream.scoring.garbage import search_seldom
from stream.scoring.pipeline import Pipeline
from stream.scoring.rollout import Rollout
from stream.scoring.rows import Int64
from stream.scoring.tokenizer import load_tokenizer
from stream.settings import Settings, load_settings
from stream.worker import run_worker

NAME = "stand-in@000000000000"


class ZeroScorer:
    """Implements `stream.scoring.classifier.Scorer` at no cost."""

    def score(self, token_ids: Int64, lengths: Int64) -> npt.NDArray[np.float32]:
        """(rows, longest) ids to (rows, 3) zeros."""
        return np.zeros((len(token_ids), len(LABELS)), np.float32)


def stand_in_classifier(settings: Settings, observe: Observe) -> Classifier:
    """The bundle's tokenizer, and no model."""
    bundle = read_bundle(settings.bundle)
    manifest = bundle.manifest
    tokenizer = load_tokenizer(bundle.path / "tokenizer.json", manifest.max_tokens, manifest.max_chars)
    return Classifier(
        tokenizer.encode,
        ZeroScorer(),
        pad_id=manifest.pad_id,
        temperature=manifest.temperature,
        label_weights=manifest.label_weights,
        brand_word=manifest.brand_word,
        batch_tokens=settings.batch_tokens,
        clock=time.perf_counter,
        observe=observe,
    )


class StandInRollout(Rollout):
    """One pipeline for ever."""

    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline

    async def watch(self) -> None:
        """No bundle takes its place."""

    def offer(self, chunks: Sequence[Sequence[ReceivedRecord]]) -> None:
        """Nothing is tried."""


class StandInRole(ScoreRole):
    """A `score` worker whose model costs nothing."""

    def __init__(self, process: Process) -> None:
        super().__init__(process)
        self._of = process

    def prepare(self) -> None:
        """Check the topics, load the tokenizer."""
        settings = self._of.settings
        partitions = require_topics(settings, ("reviews", "review-sentiment", "reviews-dlq"))
        classifier = stand_in_classifier(settings, self._observe)
        # A roll-out of another bundle would replace the stand-in.
        self._rollout = StandInRollout(pipeline_around(classifier, NAME, settings, partitions, self._observe))
        search_seldom()
        self._of.health.meet("goldens_reproduced")


if __name__ == "__main__":
    settings = load_settings()
    configure(settings)
    run_worker(settings, "score", StandInRole)
