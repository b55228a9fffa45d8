# aliconf in a container, as nobody in particular:
#   docker build --tag aliconf .
#   docker run --rm --volume "$PWD:/work" aliconf validate

FROM python:3.12-slim-bookworm AS wheel
WORKDIR /source
RUN pip install --no-cache-dir 'build>=1.2'
COPY pyproject.toml README.md LICENSE ./
COPY aliconf aliconf
RUN python -m build --wheel --outdir /wheels

FROM python:3.12-slim-bookworm
# git is what `validate --against` and `plan --since` ask. The directory that is mounted belongs to
# somebody else, and in such a one git refuses to work unless it is told that it may.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends git \
    && rm -rf /var/lib/apt/lists/* \
    && git config --system --add safe.directory '*'
COPY --from=wheel /wheels /wheels
COPY constraints.txt /wheels/
RUN pip install --no-cache-dir --constraint /wheels/constraints.txt \
    "$(echo /wheels/*.whl)[encryption,mariadb,postgresql]"
# A number, since Kubernetes' runAsNonRoot looks up no names.
USER 65532:65532
ENV HOME=/tmp
# The first process of a container ignores a SIGTERM that it does not handle, and aliconf handles it
# only while it applies; an interrupt it always does.
STOPSIGNAL SIGINT
WORKDIR /work
ENTRYPOINT ["aliconf"]
CMD ["--help"]
