# azr on one NVIDIA card: docker build -f docker/cuda.Dockerfile -t azr:cuda .
# docker run --rm -it --gpus all --ipc=host -p 127.0.0.1:4780:4780 -v azr-runs:/runs azr:cuda \
#   train qwen2.5-coder-3b-24gb --host 0.0.0.0      (prints the page's address, with a token)
# The wheels bring CUDA's libraries; of the machine they need its driver alone.
FROM node:24-bookworm
RUN apt-get update && apt-get install -y --no-install-recommends python3 python3-venv python3-dev gcc \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /azr
COPY . .
RUN scripts/azr setup && scripts/azr setup trainer --device cuda && scripts/azr setup engine --device cuda
ENV AZR_HOME=/runs
VOLUME /runs
ENTRYPOINT ["/azr/scripts/azr"]
CMD ["doctor"]
