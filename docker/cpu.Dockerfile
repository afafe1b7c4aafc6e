# azr on a CPU, vLLM included: docker build -f docker/cpu.Dockerfile -t azr:cpu .
# docker run --rm -it --shm-size=2g -p 127.0.0.1:4780:4780 -v azr-runs:/runs azr:cpu
# Within a container the page has to listen on all of its addresses: the run prints one with a token.
# Without user namespaces the sandbox has fewer layers: `azr doctor` says which.
FROM node:24-bookworm
RUN apt-get update && apt-get install -y --no-install-recommends python3 python3-venv libnuma1 \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /azr
COPY . .
RUN scripts/azr setup && scripts/azr setup trainer --device cpu && scripts/azr setup engine --device cpu
ENV AZR_HOME=/runs
VOLUME /runs
ENTRYPOINT ["/azr/scripts/azr"]
CMD ["train", "micro", "--host", "0.0.0.0"]
