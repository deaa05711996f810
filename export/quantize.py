"""int8 by dynamic quantisation: weights are stored in 8 bits, activations are quantised as they come."""

import logging
from pathlib import Path

_OPERATORS = ["LSTM", "Gather"]


def quantize(source: Path, target: Path) -> None:
    """Write the int8 variant of the fp32 model `source`: LSTM, where the time goes, and embedding, the size.

    The last layer stays in fp32: it costs nothing, and quantising it changes half as many labels again.
    Source: onnxruntime, "Quantize ONNX models", dynamic quantisation; per channel, because the rows of
    recurrent weights differ in range.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic

    # It advises on a pre-processing step through the root logger; the graph here needs none.
    logging.disable(logging.WARNING)
    try:
        quantize_dynamic(
            source,
            target,
            op_types_to_quantize=_OPERATORS,
            weight_type=QuantType.QInt8,
            per_channel=True,
        )
    finally:
        logging.disable(logging.NOTSET)
