#!/bin/sh
# install.sh PIP-ARGUMENT...: what the arguments ask for into /opt/brandpulse, without our own package, and lean.
set -eu
python=/opt/brandpulse/bin/python
pip --python $python install --no-compile -c constraints.txt "$@"
# Nothing is ever fetched from a model hub.
pip --python $python uninstall --yes brandpulse hf-xet
cd /opt/brandpulse/lib/python3.*/site-packages
find . -type d \( -name tests -o -name testing \) ! -path './numpy/testing' -prune -exec rm -rf {} +
find . -name '*.pyi' -delete
# Tools for making models, and the C library: the Python module has the runtime in itself.
rm -rf onnxruntime/capi/libonnxruntime.so.* onnxruntime/transformers onnxruntime/quantization onnxruntime/tools
# The root file system is read-only: byte code comes with the image, for what a start loads.
python -m compileall -q --invalidation-mode unchecked-hash \
    -x '/(numpy|pygments|docutils|huggingface_hub|fsspec|google|onnxruntime|sqlalchemy/dialects/m)' .
