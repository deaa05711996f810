"""Whole runs on tiny data: resumed equals uninterrupted, and what does not fit is refused."""

from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="needs the extra training (torch)")

from training.checkpoint import STATE_FILE, load_model  # noqa: E402
from training.config import PRESETS, TrainingConfig  # noqa: E402
from training.errors import CheckpointError, TrainingError  # noqa: E402
from training.loop import Progress  # noqa: E402
from training.session import Observers, evaluate_run, fit_run  # noqa: E402

pytestmark = pytest.mark.training
TINY = PRESETS["tiny"].with_overrides(["checkpoint_steps=3"])
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
    fit_run(config, [data], out, resume, CPU, silent(stop_at))


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
        evaluate_run(tmp_path / "run", [reviews_file], None, CPU, silent())
    (tmp_path / "run" / STATE_FILE).write_bytes(b"no checkpoint")
    with pytest.raises(CheckpointError, match="cannot be read"):
        train(reviews_file, tmp_path / "run", resume=True)


def test_evaluate_moves_the_operating_point(reviews_file: Path, tmp_path: Path) -> None:
    train(reviews_file, tmp_path / "run")
    before = load_model(tmp_path / "run").model.classifier.bias.clone()
    scores = evaluate_run(tmp_path / "run", [reviews_file], 1.0, CPU, silent())
    finished = load_model(tmp_path / "run")
    assert scores[0][0] == 0
    assert finished.report["prior_tau"] == 1.0
    assert not torch.allclose(before, finished.model.classifier.bias)


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
