"""What is measured of a model on a card: loading, batches, shapes, and several processes at once."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier

import numpy as np

from export.bundle import Bundle, read_bundle
from stream.scoring.classifier import Classifier, Scorer
from stream.scoring.inference import open_scorer
from stream.scoring.rows import Int64
from stream.scoring.tokenizer import load_tokenizer
from tests.benchmarks.corpus import load_corpus
from tests.benchmarks.model import padded, token_rows

LEAST_SECONDS = 0.3
_PATIENCE_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure; `batch_tokens` are padded tokens a batch, `texts` the texts of one pass."""

    variants: tuple[str, ...]
    batch_tokens: tuple[int, ...] = (2_048, 8_192, 32_768, 131_072)
    rows: tuple[int, ...] = (64, 512, 4_096)
    lengths: tuple[int, ...] = (16, 64, 200)
    workers: tuple[int, ...] = (1, 2, 4, 8)
    texts: int = 40_000


@dataclass(frozen=True, slots=True)
class Found:
    """Figures by what they are of; rates are reviews a second."""

    load: dict[str, float] = field(default_factory=dict)
    """variant -> seconds from opening the file to all shapes warmed up"""
    packed: dict[tuple[str, int], float] = field(default_factory=dict)
    """(variant, batch tokens) -> texts of real lengths, tokenised and packed beforehand"""
    shapes: dict[tuple[str, int, int], float] = field(default_factory=dict)
    """(variant, rows, length) -> rows all equally long"""
    processes: dict[tuple[str, int], float] = field(default_factory=dict)
    """(variant, processes) -> texts to labels, tokenising among it, Kafka not"""


def measure(bundle: Bundle, provider: str, plan: Plan, tell: Callable[[str], None]) -> Found:
    """All figures of the plan on `provider`; `tell` gets a line before each part."""
    found, rows = Found(), token_rows(bundle, load_corpus(), plan.texts)
    for variant in plan.variants:
        tell(f"{variant}: loading")
        started = time.perf_counter()
        scorer = _open(bundle, provider, variant, max(plan.batch_tokens))
        found.load[variant] = time.perf_counter() - started
        for batch_tokens in plan.batch_tokens:
            tell(f"{variant}: batches of {batch_tokens:,} padded tokens")
            batches = padded(rows, batch_tokens, bundle.manifest.pad_id)
            found.packed[variant, batch_tokens] = _rate(scorer, batches)
        for count in plan.rows:
            for length in plan.lengths:
                shape = (np.ones((count, length), np.int64), np.full(count, length))
                found.shapes[variant, count, length] = _rate(scorer, [shape])
        best = max(plan.batch_tokens, key=lambda tokens, of=variant: found.packed[of, tokens])  # type: ignore[misc]
        for workers in plan.workers:
            tell(f"{variant}: {workers} processes, batches of {best:,} padded tokens")
            job = Job(str(bundle.path), provider, variant, best, plan.texts)
            found.processes[variant, workers] = _together(job, workers)
    return found


@dataclass(frozen=True, slots=True)
class Job:
    """What each of several processes does: label `texts` texts."""

    bundle: str
    provider: str
    variant: str
    batch_tokens: int
    texts: int


def _together(job: Job, workers: int) -> float:
    """Reviews a second of all processes, from when the last is ready until the last is done."""
    context = get_context("spawn")  # CUDA does not survive a fork
    barrier = context.Barrier(workers + 1)
    processes = [context.Process(target=_label, args=(job, barrier)) for _ in range(workers)]
    for process in processes:
        process.start()
    try:
        barrier.wait(_PATIENCE_SECONDS)
        started = time.perf_counter()
        barrier.wait(_PATIENCE_SECONDS)
        return workers * job.texts / (time.perf_counter() - started)
    finally:
        for process in processes:
            process.join(_PATIENCE_SECONDS)
            process.kill()


def _label(job: Job, barrier: Barrier) -> None:
    """One process: everything that a worker does between decoding and encoding."""
    from pathlib import Path

    bundle = read_bundle(Path(job.bundle))
    manifest = bundle.manifest
    classifier = Classifier(
        load_tokenizer(bundle.tokenizer_file, manifest.max_tokens, manifest.max_chars).encode,
        _open(bundle, job.provider, job.variant, job.batch_tokens),
        pad_id=manifest.pad_id,
        temperature=manifest.temperature,
        label_weights=manifest.label_weights,
        brand_word=manifest.brand_word,
        batch_tokens=job.batch_tokens,
        clock=time.perf_counter,
        observe=lambda _what, _amount: None,
    )
    corpus = load_corpus()
    texts = [corpus.text(number) for number in range(job.texts)]
    barrier.wait(_PATIENCE_SECONDS)
    for at in range(0, len(texts), 4_000):
        classifier.classify(texts[at : at + 4_000])
    barrier.wait(_PATIENCE_SECONDS)


def _open(bundle: Bundle, provider: str, variant: str, batch_tokens: int) -> Scorer:
    scorer = open_scorer(bundle, provider, variant, batch_tokens)
    assert scorer is not None, f"{provider} does not start"
    return scorer


def _rate(scorer: Scorer, batches: list[tuple[Int64, Int64]]) -> float:
    """Rows a second over whole passes of at least 0.3 seconds, after one that does not count."""
    for batch in batches:
        scorer.score(*batch)
    passes, started = 0, time.perf_counter()
    while (spent := time.perf_counter() - started) < LEAST_SECONDS or not passes:
        for batch in batches:
            scorer.score(*batch)
        passes += 1
    return passes * sum(len(lengths) for _, lengths in batches) / spent
