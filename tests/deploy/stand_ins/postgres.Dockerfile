# Stands in for postgres where no registry answers: Debian's server, made from the variables POSTGRES_*.
ARG BASE=python:3.11-slim
FROM ${BASE}
RUN apt-get update \
    && apt-get install -y --no-install-recommends postgresql \
    && rm -rf /var/lib/apt/lists/*
COPY --chmod=755 postgres-run /usr/local/bin/postgres-run
RUN install -d -o postgres -g postgres /var/lib/postgresql/data
VOLUME /var/lib/postgresql/data
USER postgres
ENTRYPOINT ["/usr/local/bin/postgres-run"]
