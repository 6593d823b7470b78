#!/bin/sh
# Installs a lock into /opt/venv of an image (Dockerfile), without what no program there reads:
# TensorFlow's headers, the symbols of its two libraries (200 MB), and libclang, which it names as a
# requirement and never loads.
#
#   install_packages.sh LOCK [PACKAGE…]    with packages of the lock that are left out too
set -eu
lock=$1
shift

/uv/bin/uv venv --quiet --python "$(command -v python3)" /opt/venv
/uv/bin/uv pip install --quiet --python /opt/venv/bin/python --compile-bytecode \
    --no-deps --require-hashes -r "$lock"
/uv/bin/uv pip uninstall --quiet --python /opt/venv/bin/python libclang "$@"
cd /opt/venv/lib/python3.*/site-packages/tensorflow
rm -rf include
strip --strip-unneeded libtensorflow_cc.so.2 libtensorflow_framework.so.2
