# azr on a CPU, including vLLM; docs/how-to/docker.md says how to run it.
#   docker build -f docker/cpu.Dockerfile -t azr:cpu .
#   docker run --rm -it --shm-size=2g -p 127.0.0.1:4780:4780 -v azr-runs:/runs azr:cpu
FROM node:24-bookworm
RUN apt-get update && apt-get install -y --no-install-recommends python3 python3-venv libnuma1 \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /azr
COPY . .
RUN scripts/azr setup && scripts/azr setup trainer --device cpu && scripts/azr setup engine --device cpu
# A plain user, so that the sandbox can use namespaces if the container engine allows them.
# Everybody may write to the runs and the models, because `--user` may be any number.
RUN ln -s /azr/.venv/bin/hf /usr/local/bin/hf && useradd --create-home --uid 10001 azr \
    && install -d -m 1777 /runs /models
ENV AZR_HOME=/runs HF_HOME=/models
USER azr
VOLUME /runs /models
ENTRYPOINT ["/azr/scripts/azr"]
CMD ["train", "micro", "--host", "0.0.0.0"]
