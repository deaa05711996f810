"""Whole runs on tiny data: resumed equals uninterrupted, and what does not fit is refused."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the extra training (torch)")

from training.checkpoint import STATE_FILE, load_best, load_history, load_model  # noqa: E402
from training.config import PRESETS, TrainingConfig  # noqa: E402
from training.data import read_reviews  # noqa: E402
from training.errors import CheckpointError, DataError, TrainingError  # noqa: E402
from training.history import best_epoch  # noqa: E402
from training.loop import Observers, Progress  # noqa: E402
from training.session import Lessons, fit_run  # noqa: E402
from training.soft_labels import write_soft_labels  # noqa: E402

pytestmark = pytest.mark.training
TINY = PRESETS["tiny"].with_overrides(["checkpoint_steps=3", "misspell=0.5", "unjudgeable_share=0.1"])
CPU = torch.device("cpu")


class Stopped(Exception):
    """Stands for Ctrl-C or a crash."""


def silent(stop_at: int = 0) -> Observers:
    def training(progress: Progress) -> None:
        if stop_at and progress.steps_done == stop_at:
            raise Stopped

    return Observers(lambda *_: None, training)


def train(
    data: Path, out: Path, config: TrainingConfig = TINY, resume: bool = False, stop_at: int = 0
) -> None:
    fit_run(config, Lessons(read_reviews([data]), [data]), out, resume, CPU, silent(stop_at))


@pytest.mark.parametrize("stop_at", [5, 8, 11])
def test_a_resumed_run_ends_like_an_uninterrupted_one(
    reviews_file: Path, tmp_path: Path, stop_at: int
) -> None:
    train(reviews_file, tmp_path / "whole")
    with pytest.raises(Stopped):
        train(reviews_file, tmp_path / "cut", stop_at=stop_at)
    torch.rand(7)  # another process would not have the same random state
    train(reviews_file, tmp_path / "cut", resume=True)
    whole, cut = (load_model(tmp_path / name) for name in ("whole", "cut"))
    for name, weights in whole.model.state_dict().items():
        assert torch.equal(weights, cut.model.state_dict()[name]), name
    assert whole.report["validation"] == cut.report["validation"]
    assert load_history(tmp_path / "whole") == load_history(tmp_path / "cut")


def test_another_configuration_or_other_data_is_refused(reviews_file: Path, tmp_path: Path) -> None:
    with pytest.raises(Stopped):
        train(reviews_file, tmp_path / "run", stop_at=5)
    with pytest.raises(CheckpointError, match="another configuration"):
        train(reviews_file, tmp_path / "run", TINY.with_overrides(["learning_rate=0.1"]), resume=True)
    with pytest.raises(CheckpointError, match="--resume"):
        train(reviews_file, tmp_path / "run")
    other = tmp_path / "other.parquet"
    other.write_bytes(reviews_file.read_bytes() + b"PAR1")
    with pytest.raises(TrainingError):
        train(other, tmp_path / "run", resume=True)


def test_an_unfinished_or_broken_run_is_no_model(reviews_file: Path, tmp_path: Path) -> None:
    with pytest.raises(Stopped):
        train(reviews_file, tmp_path / "run", stop_at=5)
    with pytest.raises(CheckpointError, match=r"model\.pt is missing"):
        load_model(tmp_path / "run")
    with pytest.raises(CheckpointError, match="not trained to its end"):
        load_best(tmp_path / "run", TINY)
    (tmp_path / "run" / STATE_FILE).write_bytes(b"no checkpoint")
    with pytest.raises(CheckpointError, match="cannot be read"):
        train(reviews_file, tmp_path / "run", resume=True)


def test_the_best_epoch_is_kept_and_training_stops_when_nothing_improves(
    reviews_file: Path, tmp_path: Path
) -> None:
    config = TINY.with_overrides(["epochs=9", "patience=1", "learning_rate=0.00001"])
    train(reviews_file, tmp_path / "run", config)
    history = load_history(tmp_path / "run")
    epochs = [entry for entry in history if entry.validation]
    assert len(epochs) < 9
    assert best_epoch(history) == len(epochs) - 2
    assert (
        load_best(tmp_path / "run", config).keys() == load_model(tmp_path / "run").model.state_dict().keys()
    )


def test_rows_follow_their_soft_labels(reviews_file: Path, tmp_path: Path) -> None:
    reviews = read_reviews([reviews_file])
    praised = np.log(np.tile([0.01, 0.01, 0.98], (len(reviews.ids), 1)))
    write_soft_labels(tmp_path / "soft.parquet", reviews.ids, praised)
    lessons = Lessons(reviews, [reviews_file], tmp_path / "soft.parquet")
    config = TINY.with_overrides(["soft_weight=1.0", "epochs=6", "patience=6", "learning_rate=0.02"])
    fit_run(config, lessons, tmp_path / "run", False, CPU, silent())
    weights = load_best(tmp_path / "run", config)
    model = load_model(tmp_path / "run").model
    model.load_state_dict(weights)
    with torch.inference_mode():
        assert int(model(torch.tensor([[5, 6, 7]]), torch.tensor([3])).argmax()) == 2


def test_sources_are_left_out_or_taken_alone(reviews_file: Path, tmp_path: Path) -> None:
    reviews = read_reviews([reviews_file])
    half = replace(reviews, sources=["a" if row % 2 else "b" for row in range(len(reviews.ids))])
    plain = Lessons(half, [reviews_file])
    for name, lessons in (("out", replace(plain, leave_out=["a"])), ("only", replace(plain, only=["b"]))):
        fit_run(TINY, lessons, tmp_path / name, False, CPU, silent())
        assert load_model(tmp_path / name).report["provenance"]["rows"]["train"] == 48
    for lessons in (replace(plain, leave_out=["c"]), replace(plain, only=["c"])):
        with pytest.raises(DataError, match="no source c; there are a, b"):
            fit_run(TINY, lessons, tmp_path / "none", False, CPU, silent())


def test_padding_changes_no_logit(reviews_file: Path, tmp_path: Path) -> None:
    train(reviews_file, tmp_path / "run")
    model = load_model(tmp_path / "run").model
    random = torch.Generator().manual_seed(0)
    lengths = torch.tensor([1, 5, 9])
    short = torch.randint(1, 50, (3, 9), generator=random)
    long = torch.cat([short, torch.randint(0, 50, (3, 6), generator=random)], 1)
    with torch.inference_mode():
        difference = (model(short, lengths) - model(long, lengths)).abs().max()
    assert difference < 1e-5
