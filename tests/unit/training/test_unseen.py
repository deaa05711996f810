"""Sources left out are scored by a model that never saw them, and a finished run is not trained again."""

from dataclasses import replace
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="needs the extra training (torch)")

from training.checkpoint import MODEL_FILE, load_model  # noqa: E402
from training.config import PRESETS  # noqa: E402
from training.data import read_reviews  # noqa: E402
from training.loop import Observers  # noqa: E402
from training.session import Lessons  # noqa: E402
from training.unseen import SEEN, UNSEEN, hold_out, unseen_table  # noqa: E402

pytestmark = pytest.mark.training
SILENT = Observers(lambda *_: None, lambda _: None)


def test_each_group_is_held_out_in_turn(reviews_file: Path, tmp_path: Path) -> None:
    reviews = read_reviews([reviews_file])
    shops = replace(reviews, sources=[f"shop {row // 3 % 3}" for row in range(len(reviews.ids))])
    lessons, groups = Lessons(shops, [reviews_file]), [("shop 0",), ("shop 1", "shop 2")]
    found = hold_out(PRESETS["tiny"], lessons, groups, tmp_path, torch.device("cpu"), SILENT)
    for number, (group, scores) in enumerate(zip(groups, found, strict=True), 1):
        rows = {each.name: each.rows for each in scores.scores}
        assert rows[UNSEEN] == sum(source in group for source in shops.sources)
        assert rows[SEEN] == load_model(tmp_path / f"group-{number}").report["test"]["rows"]
        assert load_model(tmp_path / f"group-{number}").report["provenance"]["left_out"] == list(group)
    table = unseen_table(found)
    assert table.count("**drop**") == 2
    before = (tmp_path / "group-1" / MODEL_FILE).read_bytes()
    assert hold_out(PRESETS["tiny"], lessons, groups, tmp_path, torch.device("cpu"), SILENT) == found
    assert (tmp_path / "group-1" / MODEL_FILE).read_bytes() == before
