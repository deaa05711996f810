"""Mixed precision: matrix products in bfloat16 where the device is fast at it."""

import torch


def fast_in_bf16(device: torch.device) -> bool:
    """Whether the device has instructions for bfloat16; without them it would be slower than float32."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))


def mixed_precision(device: torch.device, wanted: str) -> torch.autocast:
    """A context for the forward pass; `wanted` is auto, fp32 or bf16."""
    enabled = wanted == "bf16" or (wanted == "auto" and device.type != "mps" and fast_in_bf16(device))
    return torch.autocast(device.type, torch.bfloat16, enabled=enabled)
