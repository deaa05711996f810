"""Names that are one token share one vector: swapping them changes no probability at all."""

import torch
from tokenizers import Tokenizer

from training.model import SentimentModel
from training.texts.names import BRANDS, PRODUCTS


def tie_names(model: SentimentModel, tokenizer: Tokenizer) -> int:
    """Give all brands the mean of their vectors, and all product words that of theirs; the tokens tied.

    To be done after training with swapped names, which has made them nearly alike already.
    """
    tied = 0
    with torch.no_grad():
        for names in (BRANDS, PRODUCTS):
            ids = sorted(_one_token(names, tokenizer))
            if ids:
                rows = model.embedding.weight[ids]
                model.embedding.weight[ids] = rows.mean(0, keepdim=True).expand_as(rows)
            tied += len(ids)
    return tied


def _one_token(names: tuple[str, ...], tokenizer: Tokenizer) -> set[int]:
    encoded = tokenizer.encode_batch_fast(list(names), add_special_tokens=False)
    return {encoding.ids[0] for encoding in encoded if len(encoding.ids) == 1}
