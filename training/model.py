"""The network: embedding, bidirectional LSTM layers, max and mean pooling over tokens, a linear layer."""

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from training.config import TrainingConfig
from training.data import LABELS
from training.tokenizer import PAD_ID


class SentimentModel(nn.Module):
    """Logits of the three labels; padding never changes a row's.

    Source: Schuster and Paliwal 1997 (bidirectional networks), Conneau et al. 2017 (arXiv:1705.02364,
    max pooling over a BiLSTM). Sizes below: B rows, T tokens, E embedding, H hidden.
    """

    def __init__(self, vocab_size: int, config: TrainingConfig) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, config.embedding_size, padding_idx=PAD_ID)
        self.dropout = nn.Dropout(config.dropout)
        self.lstm = nn.LSTM(
            config.embedding_size,
            config.hidden_size,
            num_layers=config.layers,
            dropout=config.dropout if config.layers > 1 else 0.0,
            batch_first=True,
            bidirectional=True,
        )
        self.classifier = nn.Linear(4 * config.hidden_size, len(LABELS))
        nn.init.normal_(self.embedding.weight, std=0.1)

    def forward(self, token_ids: Tensor, lengths: Tensor) -> Tensor:
        """Logits [B, 3] of `token_ids` [B, T] with true `lengths` [B] on the CPU, each in 1..T."""
        embedded = self.dropout(self.embedding(token_ids))  # [B, T, E]
        states = self._states(embedded, lengths).float()  # [B, T, 2H]
        counts = lengths.to(states.device)[:, None]  # [B, 1]
        padding = torch.arange(token_ids.shape[1], device=states.device) >= counts  # [B, T]
        highest = states.masked_fill(padding[:, :, None], -torch.inf).amax(1)  # [B, 2H]
        mean = states.masked_fill(padding[:, :, None], 0).sum(1) / counts  # [B, 2H]
        logits: Tensor = self.classifier(self.dropout(torch.cat([highest, mean], 1)))  # [B, 3]
        return logits

    def _states(self, embedded: Tensor, lengths: Tensor) -> Tensor:
        # Without padding there is nothing to pack, and the plain call is several times as fast.
        if int(lengths.min()) == embedded.shape[1]:
            states: Tensor = self.lstm(embedded)[0]
            return states
        packed = pack_padded_sequence(embedded, lengths, batch_first=True, enforce_sorted=False)
        return pad_packed_sequence(self.lstm(packed)[0], batch_first=True, total_length=embedded.shape[1])[0]
