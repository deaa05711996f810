"""The network of training/model.py said again in torch, for any number of layers."""

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

VOCAB, MAX_TOKENS = 50, 40


class Network(nn.Module):
    """Embedding, bidirectional LSTM, max and mean over true tokens, a linear layer."""

    def __init__(self, layers: int, embedding_size: int = 8, hidden_size: int = 12) -> None:
        super().__init__()
        self.embedding = nn.Embedding(VOCAB, embedding_size)
        self.lstm = nn.LSTM(
            embedding_size, hidden_size, num_layers=layers, batch_first=True, bidirectional=True
        )
        self.classifier = nn.Linear(4 * hidden_size, 3)

    def forward(self, token_ids: Tensor, lengths: Tensor) -> Tensor:
        """Logits [B, 3] of `token_ids` [B, T] with true `lengths` [B]."""
        packed = pack_padded_sequence(
            self.embedding(token_ids), lengths, batch_first=True, enforce_sorted=False
        )
        states, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        rows = [row[:length] for row, length in zip(states, lengths.tolist(), strict=True)]
        pooled = torch.stack([torch.cat([row.amax(0), row.mean(0)]) for row in rows])  # [B, 4H]
        logits: Tensor = self.classifier(pooled)
        return logits
