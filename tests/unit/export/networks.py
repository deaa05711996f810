"""The network of training/model.py said again in torch, for every form that the graph knows."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

VOCAB, MAX_TOKENS = 50, 40


@dataclass(frozen=True, slots=True)
class Form:
    """Layers of the LSTM, and what the last layer tells apart: 3 labels or 5 stars."""

    layers: int
    outputs: int


class Network(nn.Module):
    """Embedding, bidirectional LSTM, max and mean over true tokens, a linear layer."""

    def __init__(self, form: Form, embedding_size: int = 8, hidden_size: int = 12) -> None:
        super().__init__()
        self.embedding = nn.Embedding(VOCAB, embedding_size)
        self.lstm = nn.LSTM(
            embedding_size, hidden_size, num_layers=form.layers, batch_first=True, bidirectional=True
        )
        self.classifier = nn.Linear(4 * hidden_size, form.outputs)

    def forward(self, token_ids: Tensor, lengths: Tensor) -> Tensor:
        """Logits [B, 3] of `token_ids` [B, T] with true `lengths` [B]."""
        packed = pack_padded_sequence(
            self.embedding(token_ids), lengths, batch_first=True, enforce_sorted=False
        )
        states, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        rows = [row[:length] for row, length in zip(states, lengths.tolist(), strict=True)]
        pooled = torch.stack([torch.cat([row.amax(0), row.mean(0)]) for row in rows])  # [B, 4H]
        outputs: Tensor = self.classifier(pooled)
        if outputs.shape[1] == 3:
            return outputs
        return torch.stack([outputs[:, stars].logsumexp(1) for stars in ([0, 1], [2], [3, 4])], 1)
