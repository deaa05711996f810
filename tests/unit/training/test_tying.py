"""After tying, one known name for another changes no logit."""

import pytest

torch = pytest.importorskip("torch", reason="needs the extra training (torch)")

from training.config import PRESETS  # noqa: E402
from training.model import SentimentModel  # noqa: E402
from training.tokenizer import train_tokenizer  # noqa: E402
from training.tying import tie_names  # noqa: E402

pytestmark = pytest.mark.training


def test_known_names_are_one_to_the_model() -> None:
    tokenizer = train_tokenizer(["the sony phone", "the bose phone", "a canon printer"] * 20, 300, 100, 20)
    model = SentimentModel(tokenizer.get_vocab_size(), PRESETS["tiny"]).eval()
    ids = [tokenizer.encode(f"the {name} phone", add_special_tokens=False).ids for name in ("sony", "bose")]
    assert len(ids[0]) == len(ids[1]) == 3
    lengths = torch.tensor([3, 3])
    before = model(torch.tensor(ids), lengths)
    assert not torch.equal(before[0], before[1])
    assert tie_names(model, tokenizer) == 5
    after = model(torch.tensor(ids), lengths)
    assert torch.equal(after[0], after[1])
