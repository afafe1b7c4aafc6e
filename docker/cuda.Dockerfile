# azr on NVIDIA cards; docs/how-to/docker.md says how to run it.
#   docker build -f docker/cuda.Dockerfile -t azr:cuda .
#   docker run --rm -it --gpus all --ipc=host -p 127.0.0.1:4780:4780 -v azr-runs:/runs \
#     -v azr-models:/models azr:cuda train qwen2.5-coder-3b-24gb --host 0.0.0.0
# The wheels contain CUDA's libraries, so the machine only needs a driver. Triton compiles its
# kernels at first use, with gcc and Python's headers.
FROM node:24-bookworm
RUN apt-get update && apt-get install -y --no-install-recommends python3 python3-venv python3-dev gcc \
    libc6-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /azr
COPY . .
RUN scripts/azr setup && scripts/azr setup trainer --device cuda && scripts/azr setup engine --device cuda
# A plain user, so that the sandbox can use namespaces if the container engine allows them.
# Everybody may write to the runs and the models, because `--user` may be any number.
RUN ln -s /azr/.venv/bin/hf /usr/local/bin/hf && useradd --create-home --uid 10001 azr \
    && install -d -m 1777 /runs /models
ENV AZR_HOME=/runs HF_HOME=/models
USER azr
VOLUME /runs /models
ENTRYPOINT ["/azr/scripts/azr"]
CMD ["doctor"]
