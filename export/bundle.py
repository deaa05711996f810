"""The model bundle: a directory with models, tokenizer and manifest, written here and read by the workers.

This is the one thing that training and the stream share, so the stream imports it from `export`: one
definition of the manifest beside its writer. Standard library only, so that a worker needs nothing of
the export's dependencies.
"""

import hashlib
import json
import math
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

FORMAT_VERSION = 2
MANIFEST_FILE = "manifest.json"
TOKENIZER_FILE = "tokenizer.json"
LABELS = ("negative", "neutral", "positive")
INPUTS = ("token_ids", "lengths")
OUTPUT = "logits"
_AGAIN = "Export it again: python -m export --help"


class BundleError(Exception):
    """A bundle is missing, incomplete, altered or of another format; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Golden:
    """A text and its calibrated probabilities in the order of the labels, as the exporter computed them."""

    text: str
    scores: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a worker must know to run the models; paths are relative to the bundle.

    Inputs: token_ids int64 [rows, longest], padded with `pad_id`; lengths int64 [rows], each at least 1.
    Output: logits float32 [rows, 3]. Scores are softmax(logits / temperature), calibrated to the natural
    shares of the classes; the label is argmax(scores * label_weights), its confidence is its score. Texts
    are cut to `max_chars` characters, then to `max_tokens` tokens.
    """

    format_version: int
    name: str
    labels: tuple[str, ...]
    pad_id: int
    max_tokens: int
    max_chars: int
    inputs: tuple[str, ...]
    output: str
    temperature: float
    label_weights: tuple[float, float, float]  # the operating point: how much a score of each label counts
    brand_word: str  # takes the place of a review's own brand in its text; empty: nothing does
    models: Mapping[str, str]  # variant (fp32, int8, fp16) -> file
    default_variant: Mapping[str, str]  # provider (cpu, cuda) -> variant
    files: Mapping[str, str]  # file -> SHA-256, hexadecimal
    provenance: Mapping[str, Any]
    validation: Mapping[str, Any]
    golden_tolerance: float  # largest difference of a score that another machine may show
    goldens: tuple[Golden, ...]


@dataclass(frozen=True, slots=True)
class Bundle:
    """A verified bundle; `digest` is the SHA-256 of the manifest's bytes, which cover all other files'."""

    path: Path
    manifest: Manifest
    digest: str

    def model_file(self, provider: str) -> Path:
        """The default model of a provider (`cpu`, `cuda`)."""
        return self.path / self.manifest.models[self.manifest.default_variant[provider]]

    @property
    def tokenizer_file(self) -> Path:
        """The tokenizer, in the format of the library `tokenizers`."""
        return self.path / TOKENIZER_FILE


def write_bundle(target: Path, fill: Callable[[Path], Manifest]) -> Bundle:
    """Write a bundle at `target`, whole or not at all, replacing the one that is there.

    `fill` puts models and tokenizer into the directory it is given and returns their manifest; its
    `files` are computed here.

    Raises:
        BundleError: `target` is a directory with anything but a bundle in it, or the result is not valid.
    """
    _check_replaceable(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        manifest = asdict(fill(beside))
        manifest["files"] = {file.name: file_sha256(file) for file in sorted(beside.iterdir())}
        text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
        (beside / MANIFEST_FILE).write_text(text, encoding="utf-8")
        read_bundle(beside)
        beside.chmod(0o755)
        _swap(beside, target)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    return read_bundle(target)


def read_bundle(path: Path) -> Bundle:
    """The bundle at `path`, every file's SHA-256 verified.

    Raises:
        BundleError: it is missing, incomplete, altered or of another format.
    """
    try:
        content = (path / MANIFEST_FILE).read_bytes()
    except OSError as error:
        raise BundleError(f"{path} holds no readable {MANIFEST_FILE} ({error}). {_AGAIN}") from error
    manifest = _parse(path, content)
    for name, expected in manifest.files.items():
        _verify(path / name, expected)
    return Bundle(path, manifest, hashlib.sha256(content).hexdigest())


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _verify(file: Path, expected: str) -> None:
    try:
        found = file_sha256(file)
    except OSError as error:
        raise BundleError(f"{file} of the bundle cannot be read ({error}). {_AGAIN}") from error
    if found != expected:
        raise BundleError(
            f"{file} was altered: SHA-256 {found[:12]}..., manifest {expected[:12]}.... "
            f"Restore the file, or: {_AGAIN}"
        )


def _parse(path: Path, content: bytes) -> Manifest:
    try:
        fields = json.loads(content)
        version = fields["format_version"]
        if version != FORMAT_VERSION:
            raise BundleError(
                f"{path} has bundle format {version}, this program reads {FORMAT_VERSION}. "
                f"Install the brandpulse that wrote it, or: {_AGAIN}"
            )
        goldens = tuple(Golden(golden["text"], tuple(golden["scores"])) for golden in fields["goldens"])
        lists = {name: tuple(fields[name]) for name in ("labels", "inputs", "label_weights")}
        manifest = Manifest(**{**fields, **lists, "goldens": goldens})
        problems = _problems(manifest)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BundleError(f"{path / MANIFEST_FILE} is malformed ({error!r}). {_AGAIN}") from error
    if problems:
        raise BundleError(f"{path / MANIFEST_FILE}: {'; '.join(problems)}. {_AGAIN}")
    return manifest


def _problems(manifest: Manifest) -> list[str]:
    """What contradicts the format, in words."""
    listed = {TOKENIZER_FILE, *manifest.models.values()}
    providers = manifest.default_variant.keys()
    sizes = (manifest.temperature, manifest.max_tokens, manifest.max_chars)
    usable = [0 < weight < math.inf for weight in manifest.label_weights]
    checks = {
        f"labels must be {LABELS}": manifest.labels == LABELS,
        f"inputs must be {INPUTS} and output {OUTPUT}": (*manifest.inputs, manifest.output)
        == (*INPUTS, OUTPUT),
        f"files must list {sorted(listed)}": listed <= manifest.files.keys(),
        "files must be plain names": all(Path(name).name == name for name in manifest.files),
        "default_variant must name a model for cpu and cuda": providers >= {"cpu", "cuda"}
        and set(manifest.default_variant.values()) <= manifest.models.keys(),
        "temperature, max_tokens and max_chars must be above 0": min(sizes) > 0,
        "label_weights must be three numbers above 0": usable == [True] * len(LABELS),
        "goldens with one score for each label are needed": bool(manifest.goldens)
        and all(len(golden.scores) == len(manifest.labels) for golden in manifest.goldens),
    }
    return [problem for problem, holds in checks.items() if not holds]


def _swap(new: Path, target: Path) -> None:
    """Put `new` in the place of `target`; a directory cannot be replaced by one rename."""
    if not target.exists():
        new.replace(target)
        return
    old = new.with_name(new.name + ".old")
    target.replace(old)
    new.replace(target)
    shutil.rmtree(old)


def _check_replaceable(target: Path) -> None:
    if target.is_dir() and any(target.iterdir()) and not (target / MANIFEST_FILE).exists():
        raise BundleError(f"{target} holds something else than a bundle. Choose another --out")
