# The image of every step on Kubeflow and of the workers of Beam engines: the lock of the current
# stack and the sources, nothing else.
# The target `server` is the server alone, with TensorFlow and without TFX, Beam and Kubeflow.
#
#   make image IMAGE=registry.example/recommender:1.0
#   make image-server IMAGE=registry.example/recommender-server:1.0
#
# For a build that can be repeated to the byte, pin BASE by its digest (name@sha256:…).
ARG BASE=python:3.13-slim-trixie

FROM ${BASE} AS installer
COPY requirements/uv.txt /requirements/
RUN apt-get update -qq && apt-get install -qq --no-install-recommends binutils >/dev/null \
    && python3 -m venv /uv \
    && /uv/bin/pip install --quiet --no-cache-dir --require-hashes -r /requirements/uv.txt
# Byte code is compiled here: without it every step would spend half a minute more on imports. It is
# checked by nothing at run time, so that it does not depend on the time of the build.
ENV UV_LINK_MODE=copy UV_NO_CACHE=1 PYC_INVALIDATION_MODE=UNCHECKED_HASH
COPY requirements/install_packages.sh /requirements/

FROM installer AS packages
COPY requirements/current.txt /requirements/
RUN sh /requirements/install_packages.sh /requirements/current.txt \
        pytest pytest-xdist ruff mypy import-linter types-pyyaml

# The packages of the server alone, in the same versions; TensorFlow without its code for GPUs.
FROM installer AS server_packages
COPY requirements/server.txt /requirements/
RUN sh /requirements/install_packages.sh /requirements/server.txt

FROM ${BASE} AS server
RUN groupadd --gid 10001 pipeline \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp pipeline
COPY --from=server_packages /opt/venv /opt/venv
WORKDIR /app
COPY components/__init__.py components/config.py components/errors.py components/model_session.py \
    components/version.py components/
COPY components/contracts components/contracts
COPY components/served_versions components/served_versions
COPY serving serving
ENV PATH=/opt/venv/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONPATH=/app \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    TF_CPP_MIN_LOG_LEVEL=2
RUN python -m compileall -q --invalidation-mode unchecked-hash /app
USER 10001:10001
EXPOSE 8501
HEALTHCHECK --interval=10s --start-period=60s CMD ["python", "-m", "serving.check_health"]
ENTRYPOINT ["python", "-m", "serving"]

FROM ${BASE}
# Kubernetes wants a number to know that it is not root. The launcher works in the folders below /;
# newer versions of it mount their own there.
RUN groupadd --gid 10001 pipeline \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp pipeline \
    && mkdir -p /minio /s3 /gcs /kfp-launcher \
    && chown 10001:10001 /minio /s3 /gcs
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY components components
COPY pipeline pipeline
COPY schemas schemas
COPY serving serving
ENV PATH=/opt/venv/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONPATH=/app \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    TF_USE_LEGACY_KERAS=1 \
    TF_CPP_MIN_LOG_LEVEL=1
RUN python -m compileall -q --invalidation-mode unchecked-hash /app
# What engines of Beam start is at this place in every image. Steps on Kubeflow name their command.
RUN mkdir -p /opt/apache/beam \
    && printf '#!/bin/sh\nexec python -m pipeline.sdk_worker "$@"\n' > /opt/apache/beam/boot \
    && chmod 755 /opt/apache/beam/boot
USER 10001:10001
ENTRYPOINT ["/opt/apache/beam/boot"]
