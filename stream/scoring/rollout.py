"""Another bundle without stopping: watched for, verified, tried beside the running one, and then swapped in.

Whatever is wrong with the new one leaves the running one in its place: a bundle that cannot be loaded, that
does not reproduce its goldens, or that changes more than the limits allow is named and counted, and not tried
again until the directory changes once more.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from stream.events import Review
from stream.kafka.messages import ReceivedRecord
from stream.metrics import Metrics
from stream.scoring.assembly import create_pipeline
from stream.scoring.classifier import Classifier, Observe
from stream.scoring.decode import decode_review
from stream.scoring.inference import Model, create_classifier, load_model
from stream.scoring.pipeline import Pipeline
from stream.scoring.shadow import Comparison, Limits, compare
from stream.settings import Settings

T = TypeVar("T")
Listing = tuple[tuple[str, int, int], ...]
"""Name, size and time of change of each file in the bundle's directory."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Trial:
    """A new bundle that is being tried on live reviews."""

    model: Model
    pipeline: Pipeline
    running: Classifier
    new: Classifier
    comparison: Comparison = field(default_factory=Comparison)


class Rollout:
    """The pipeline in use, and what may take its place.

    Args:
        partitions: each topic's partition count by its short name.
        observe: of the pipeline.
    """

    def __init__(
        self, settings: Settings, metrics: Metrics, partitions: Mapping[str, int], observe: Observe
    ) -> None:
        self._settings = settings
        self._metrics = metrics
        self._partitions = partitions
        self._observe = observe
        self._limits = Limits.of(settings)
        self._tried = self._last_look = self._listing()
        self._model = load_model(settings, threads_a_run=1)
        self.pipeline = self._pipeline_of(self._model)
        self._trial: _Trial | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="shadow")
        self._comparing = False
        self._show(self._model)

    async def watch(self) -> None:
        """Look for another bundle every now and then; never returns."""
        while True:
            await asyncio.sleep(self._settings.bundle_watch_seconds)
            await self.look()

    async def look(self) -> None:
        """Put what lies in the bundle's directory to the trial, once it has changed and stands still."""
        listing = await self._in_thread(self._listing)
        settled, self._last_look = listing == self._last_look, listing
        if not settled or listing in ((), self._tried):
            return
        self._tried, self._trial = listing, None
        try:
            trial = await self._in_thread(self._prepare)
        except (
            Exception
        ) as error:  # the runtime's own too: whatever is wrong with it, the running one goes on
            self._metrics.bundles.labels("unusable").inc()
            log.error("new bundle unusable, going on with model=%s because: %r", self._model.name, error)
            return
        if trial is not None:
            self._trial = trial
            log.info("trying bundle model=%s beside model=%s", trial.model.name, self._model.name)

    def offer(self, chunks: Sequence[Sequence[ReceivedRecord]]) -> None:
        """Live records of a pass: some of them are a sample while a bundle is tried. Returns at once."""
        if self._trial is None or self._comparing:
            return
        self._comparing = True
        trial = self._trial
        comparing = asyncio.get_running_loop().run_in_executor(self._thread, self._compare, trial, chunks)
        comparing.add_done_callback(lambda done: self._compared(trial, done))

    def _compare(self, trial: _Trial, chunks: Sequence[Sequence[ReceivedRecord]]) -> None:
        records = [record for chunk in chunks for record in chunk]
        decoded = [decode_review(record.value) for record in records[: self._limits.reviews]]
        reviews = [review for review in decoded if isinstance(review, Review)]
        compare(reviews, trial.running, trial.new, time.perf_counter, trial.comparison)

    def _compared(self, trial: _Trial, done: asyncio.Future[None]) -> None:
        self._comparing = False
        if trial is not self._trial:
            return  # meanwhile yet another bundle came
        if error := done.exception():
            self._trial = None
            self._metrics.bundles.labels("unusable").inc()
            log.error("new bundle failed on live reviews model=%s because: %r", trial.model.name, error)
        elif trial.comparison.reviews >= self._limits.reviews:
            self._trial = None
            self._decide(trial)

    def _decide(self, trial: _Trial) -> None:
        compared = trial.comparison
        objections = compared.objections(self._limits)
        measured = (
            f"reviews={compared.reviews} flips={compared.flips:.4f} "
            f"net_shift={compared.shifts()[0].change:+.4f} slowdown={compared.slowdown:.2f}"
        )
        if objections:
            self._metrics.bundles.labels("refused").inc()
            log.error(
                "new bundle refused model=%s %s because: %s",
                trial.model.name,
                measured,
                "; ".join(objections),
            )
            return
        # Passes under way end with the bundle they began with.
        self.pipeline, self._model = trial.pipeline, trial.model
        self._show(trial.model)
        self._metrics.bundles.labels("adopted").inc()
        log.info("new bundle in use model=%s %s", trial.model.name, measured)

    def _prepare(self) -> _Trial | None:
        """Loaded, goldens reproduced; None when it is the running one once more.

        Both classifiers are new, so that neither remembers any text.
        """
        model = load_model(self._settings, threads_a_run=1)
        if model.bundle.digest == self._model.bundle.digest:
            return None
        return _Trial(
            model, self._pipeline_of(model), self._classifier_of(self._model), self._classifier_of(model)
        )

    def _pipeline_of(self, model: Model) -> Pipeline:
        return create_pipeline(self._settings, model, self._partitions, self._observe)

    def _classifier_of(self, model: Model) -> Classifier:
        return create_classifier(
            model, self._settings, clock=time.perf_counter, observe=lambda _what, _amount: None
        )

    def _listing(self) -> Listing:
        """What lies there now; empty while the directory is being replaced."""
        try:
            found = [(file.name, file.stat()) for file in self._settings.bundle.iterdir()]
        except OSError:
            return ()
        return tuple(sorted((name, status.st_size, status.st_mtime_ns) for name, status in found))

    def _show(self, model: Model) -> None:
        self._metrics.model.info(
            {
                "name": model.name,
                "digest": model.bundle.digest,
                "provider": model.provider,
                "variant": model.variant,
            }
        )

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
