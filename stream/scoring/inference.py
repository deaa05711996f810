"""The bundle on ONNX Runtime: provider and variant chosen, goldens reproduced before any review is scored."""

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from export.bundle import Bundle, BundleError, read_bundle
from stream.errors import BundleUnusable, MissingExtra, ProviderMissing
from stream.events import LABELS
from stream.scoring.buckets import BucketScorer
from stream.scoring.classifier import Classifier, Observe, Scorer
from stream.scoring.rows import Int64
from stream.scoring.tokenizer import load_tokenizer
from stream.settings import Settings

PROVIDERS = {"cuda": "CUDAExecutionProvider", "cpu": "CPUExecutionProvider"}
# The arena takes what the largest shape needs, and no power of two beyond it.
PROVIDER_OPTIONS: dict[str, dict[str, str]] = {
    "cuda": {"arena_extend_strategy": "kSameAsRequested"},
    "cpu": {},
}

log = logging.getLogger(__name__)


class OnnxScorer:
    """Logits by ONNX Runtime; implements `stream.scoring.classifier.Scorer`."""

    def __init__(self, session: Any, inputs: tuple[str, ...], output: str) -> None:
        self._session = session
        self._token_ids, self._lengths = inputs
        self._output = output

    def score(self, token_ids: Int64, lengths: Int64) -> npt.NDArray[np.float32]:
        """(rows, longest) ids and (rows,) lengths to (rows, 3) logits."""
        # Arrays in host memory, on a card too: its LSTM wants the lengths (`sequence_lens`) on the host.
        feed = {self._token_ids: token_ids, self._lengths: lengths}
        logits: npt.NDArray[np.float32] = self._session.run([self._output], feed)[0]
        return logits


@dataclass(frozen=True, slots=True)
class Model:
    """A loaded bundle: what scores, and what its labels call it."""

    bundle: Bundle
    scorer: Scorer
    provider: str
    variant: str

    @property
    def name(self) -> str:
        """Bundle name @ first 12 digits of its hash, as every label carries it."""
        return f"{self.bundle.manifest.name}@{self.bundle.digest[:12]}"


def cpu_threads(settings: Settings) -> int:
    """How many CPU threads the settings give to the model: by default one per core."""
    return settings.threads or os.cpu_count() or 1


def load_model(settings: Settings, *, threads_a_run: int | None = None) -> Model:
    """Load the bundle onto the provider that the settings name.

    `threads_a_run` are the CPU threads of one run of the model, by default all that the settings give it.

    Raises:
        BundleUnusable: the bundle is missing, damaged or of another format.
        ProviderMissing: the provider was demanded and is not there.
        MissingExtra: ONNX Runtime is not installed.
    """
    try:
        bundle = read_bundle(settings.bundle)
    except BundleError as error:
        raise BundleUnusable(str(error)) from error
    manifest = bundle.manifest
    if tuple(manifest.labels) != LABELS:
        raise BundleUnusable(
            f"the bundle's labels are {list(manifest.labels)}, not {list(LABELS)}: export it again"
        )
    runtime = _runtime()
    options = runtime.SessionOptions()
    options.intra_op_num_threads = threads_a_run or cpu_threads(settings)
    options.log_severity_level = 3
    for provider in candidates(settings.provider, runtime.get_available_providers()):
        variant = manifest.default_variant[provider]
        scorer = open_scorer(bundle, provider, variant, settings.batch_tokens, options)
        if scorer is not None:
            break
        log.warning("provider does not start here provider=%s", provider)
    else:
        raise _missing(settings.provider, "cpu")
    model = Model(bundle, scorer, provider, variant)
    log.info("model loaded model=%s provider=%s variant=%s", model.name, provider, variant)
    return model


def open_scorer(
    bundle: Bundle, provider: str, variant: str, batch_tokens: int, options: Any = None
) -> Scorer | None:
    """One model of the bundle on one provider; None where that provider does not start.

    On CUDA batches are padded to few shapes, and those of batches of `batch_tokens` are warmed up here.
    `options` are ONNX Runtime's SessionOptions.
    """
    manifest = bundle.manifest
    runtime = _runtime()
    if provider == "cuda" and hasattr(runtime, "preload_dlls"):
        runtime.preload_dlls()  # finds CUDA and cuDNN where pip put them
    session = runtime.InferenceSession(
        str(bundle.path / manifest.models[variant]),
        options,
        providers=[(PROVIDERS[provider], PROVIDER_OPTIONS[provider])],
    )
    # ONNX Runtime falls back to the CPU in silence, for example where there is no driver.
    if PROVIDERS[provider] not in session.get_providers():
        return None
    scorer = OnnxScorer(session, manifest.inputs, manifest.output)
    if provider == "cpu":
        return scorer
    in_buckets = BucketScorer(scorer, manifest.pad_id, manifest.max_tokens)
    log.info("warmed up shapes=%d", in_buckets.warm_up(batch_tokens))
    return in_buckets


def candidates(wanted: str, available: list[str]) -> list[str]:
    """The providers to try in turn: CUDA, then CPU; what was demanded by name must be there.

    >>> candidates("auto", ["CPUExecutionProvider"])
    ['cpu']
    """
    usable = [name for name, provider in PROVIDERS.items() if provider in available]
    if wanted == "auto" and usable:
        return usable
    if wanted not in usable:
        raise _missing(wanted, ", ".join(usable) or "none")
    return [wanted]


def _missing(wanted: str, usable: str) -> ProviderMissing:
    return ProviderMissing(
        f"provider {wanted!r} is not available here (available: {usable}); install brandpulse[gpu] on a "
        "machine with an NVIDIA driver, or set BRANDPULSE_PROVIDER=auto"
    )


def create_classifier(
    model: Model, settings: Settings, *, clock: Callable[[], float], observe: Observe
) -> Classifier:
    """The classifier of a model, after it reproduced the bundle's goldens.

    Raises:
        BundleUnusable: on this machine the model says something else than where it was exported.
    """
    manifest = model.bundle.manifest
    tokenizer = load_tokenizer(model.bundle.path / "tokenizer.json", manifest.max_tokens, manifest.max_chars)
    classifier = Classifier(
        tokenizer.encode,
        model.scorer,
        pad_id=manifest.pad_id,
        temperature=manifest.temperature,
        label_weights=manifest.label_weights,
        brand_word=manifest.brand_word,
        batch_tokens=settings.batch_tokens,
        clock=clock,
        observe=observe,
    )
    _reproduce_goldens(classifier, model)
    return classifier


def _reproduce_goldens(classifier: Classifier, model: Model) -> None:
    manifest = model.bundle.manifest
    verdicts = classifier.classify([golden.text for golden in manifest.goldens])
    worst = max(
        abs(verdict.scores[label] - expected)
        for verdict, golden in zip(verdicts, manifest.goldens, strict=True)
        for label, expected in zip(LABELS, golden.scores, strict=True)
    )
    if not worst <= manifest.golden_tolerance:
        raise BundleUnusable(
            f"bundle {model.name} does not reproduce its golden texts on {model.provider} ({model.variant}): "
            f"off by {worst:.3f}, allowed {manifest.golden_tolerance}; export it again or change the provider"
        )


def _runtime() -> Any:
    # Recent builds report usage to their maker; whoever wants that says so.
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    try:
        import onnxruntime  # only the role that scores needs it
    except ImportError as error:
        raise MissingExtra(
            "ONNX Runtime is missing: pip install 'brandpulse[cpu]', or [gpu] for CUDA"
        ) from error
    return onnxruntime
