"""The teacher: a small pretrained transformer with a head of three logits, and its own tokenizer."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from training.batches import Encoded
from training.data import LABELS, Ints
from training.errors import ConfigError
from training.pretrained import base_directory
from training.teacher.config import TeacherConfig

_ENCODE_ROWS = 20_000
_ATTENTION = "eager"  # on CPU in bfloat16 1.3 to 1.5 times as fast as the fused kernel at these lengths


class TeacherModel(nn.Module):
    """Logits of the three labels from the mean of the encoder's states over true tokens.

    Source: Wang et al. 2020 (MiniLM, arXiv:2002.10957), Reimers and Gurevych 2019 (mean pooling,
    arXiv:1908.10084). Sizes below: B rows, T tokens, H hidden.
    """

    def __init__(self, encoder: Any) -> None:
        super().__init__()
        self.encoder = encoder
        self.dropout = nn.Dropout(float(encoder.config.hidden_dropout_prob))
        self.classifier = nn.Linear(int(encoder.config.hidden_size), len(LABELS))

    def forward(self, token_ids: Tensor, lengths: Tensor) -> Tensor:
        """Logits [B, 3] of `token_ids` [B, T] with true `lengths` [B], each in 1..T."""
        true = torch.arange(token_ids.shape[1], device=lengths.device) < lengths[:, None]  # [B, T]
        states = self.encoder(input_ids=token_ids, attention_mask=true.long()).last_hidden_state
        mean = (states.float() * true[:, :, None]).sum(1) / lengths[:, None]  # [B, H]
        logits: Tensor = self.classifier(self.dropout(mean))  # [B, 3]
        return logits.float()


def load_teacher(config: TeacherConfig) -> TeacherModel:
    """The pretrained encoder, cut to its first `layers` layers, with a fresh head; seeded.

    Raises:
        ConfigError: transformers or the encoder's weights cannot be loaded.
    """
    directory = base_directory(config.base)
    torch.manual_seed(config.seed)
    try:
        from transformers import AutoModel
        from transformers.utils import logging

        logging.set_verbosity_error()  # type: ignore[no-untyped-call]  # else it reports the pooling layer that is not wanted
        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        encoder = AutoModel.from_pretrained(
            directory, local_files_only=True, add_pooling_layer=False, attn_implementation=_ATTENTION
        )
    except ImportError as error:
        raise ConfigError(f"the teacher needs transformers: {error}. Install the extra training") from error
    except (OSError, ValueError) as error:
        raise ConfigError(f"base={config.base} cannot be loaded: {error}") from error
    if config.layers:
        encoder.encoder.layer = encoder.encoder.layer[: config.layers]
    return TeacherModel(encoder)


def encode_for_teacher(
    texts: Sequence[str],
    labels: Ints,
    config: TeacherConfig,
    max_tokens: int,
    advance: Callable[[int], None],
) -> Encoded:
    """Token ids with the encoder's own start and end marks, at most `max_tokens`.

    `advance` is told the number of rows as they are done.
    """
    tokenizer = Tokenizer.from_file(str(base_directory(config.base) / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens)
    ids: list[Ints] = []
    lengths: list[int] = []
    for start in range(0, len(texts), _ENCODE_ROWS):
        cut = [text[: config.max_chars] for text in texts[start : start + _ENCODE_ROWS]]
        rows = [encoding.ids for encoding in tokenizer.encode_batch_fast(cut)]
        lengths += [len(row) for row in rows]
        ids.append(np.fromiter((token for row in rows for token in row), dtype=np.int64))
        advance(len(rows))
    starts = np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)
    return Encoded(np.concatenate(ids).astype(np.int32), starts, labels)
