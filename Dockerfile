# One image for the API, workers, beat and every command: docker compose runs it, see docker-compose.yml.
FROM python:3.11-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/ingest
# Dependencies first: this layer is built again only when the lock changes.  --no-deps: the lock is the whole
# list, and nothing that is not in it comes in.
COPY requirements.lock /src/
RUN /opt/ingest/bin/pip install --no-deps -r /src/requirements.lock
COPY pyproject.toml README.md /src/
COPY ingest /src/ingest
COPY workers /src/workers
RUN /opt/ingest/bin/pip install --no-deps /src

FROM python:3.11-slim-bookworm
LABEL org.opencontainers.image.title="ingest" \
      org.opencontainers.image.description="Raw news dumps in, clean documents out" \
      org.opencontainers.image.version="0.1.0"
# The number, not a name, so that the platform can see that it is not root.  It owns its data and nothing else.
RUN groupadd --gid 10001 ingest \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin ingest \
    && install -d -o 10001 -g 10001 /data /payloads
COPY --from=build /opt/ingest /opt/ingest
COPY config /etc/ingest
ENV PATH=/opt/ingest/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    INGEST_CONFIG=/etc/ingest \
    INGEST_DATA=/data
WORKDIR /data
USER 10001:10001
CMD ["ingest", "--help"]
