# A subpulse worker: slim, without a compiler or Java, as a user without rights.
FROM python:3.11.14-slim-bookworm@sha256:65a93d69fa75478d554f4ad27c85c1e69fa184956261b4301ebaf6dbb0a3543d AS build

ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /build
COPY requirements-worker.txt requirements-build.txt ./
RUN apt-get update \
 && apt-get install -y --no-install-recommends gcc libc6-dev \
 && python -m venv /opt/subpulse \
 && /opt/subpulse/bin/pip install --require-hashes -r requirements-worker.txt \
 && python -m venv /opt/builder \
 && /opt/builder/bin/pip install --require-hashes -r requirements-build.txt
COPY pyproject.toml README.md LICENSE ./
COPY schemas schemas
COPY service service
RUN /opt/builder/bin/pip wheel --no-deps --no-index --no-build-isolation -w dist . \
 && /opt/subpulse/bin/pip install --no-deps --no-index dist/*.whl

FROM python:3.11.14-slim-bookworm@sha256:65a93d69fa75478d554f4ad27c85c1e69fa184956261b4301ebaf6dbb0a3543d

RUN useradd --system --uid 10001 --no-create-home --home-dir /nonexistent subpulse
COPY --from=build /opt/subpulse /opt/subpulse
ENV PATH=/opt/subpulse/bin:$PATH PYTHONUNBUFFERED=1 SUBPULSE_HTTP_HOST=0.0.0.0
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-m", "service.exposition.probe"]
ENTRYPOINT ["subpulse"]
CMD ["worker"]
