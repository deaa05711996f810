"""The loss: the stars' labels and the teacher's opinion."""

import torch
from torch import Tensor
from torch.nn import functional


def mixed_loss(
    logits: Tensor,
    labels: Tensor,
    soft: Tensor,
    soft_weight: Tensor,
    *,
    temperature: float,
    label_smoothing: float,
) -> Tensor:
    """Mean over the rows of (1 - w) cross-entropy to `labels` + w T^2 divergence from the soft targets.

    `logits` and `soft` (log-probabilities) are [rows, 3], `labels` and `soft_weight` w [rows]; in nats.

    Source: Hinton et al. 2015 (arXiv:1503.02531).
    """
    hard = functional.cross_entropy(logits, labels, label_smoothing=label_smoothing, reduction="none")
    target = torch.softmax(soft / temperature, 1)
    said = torch.log_softmax(logits / temperature, 1)
    divergence = functional.kl_div(said, target, reduction="none").sum(1) * temperature**2
    return torch.lerp(hard, divergence, soft_weight).mean()
