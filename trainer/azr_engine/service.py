"""Makes the server's answers, in the form of vLLM's OpenAI-compatible server. HTTP is in app.py."""

import asyncio
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from azr_engine.asked import CALLS, UNLOADED, check_completion, cut_of, stops_of
from azr_engine.runner import Runner
from azr_engine.sampling import finite, log_softmax
from azr_engine.scheduler import Request, Scheduler
from azr_trainer.checks import BadRequest, check
from azr_trainer.weights import assign_weights, load_model, read_weights


class Service:
    def __init__(self, folder: Path, slots: int, length: int):
        self.folder = folder
        self.model = load_model(folder)
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.length = min(length, self.model.config["max_position_embeddings"])
        self.vocabulary = self.model.config["vocab_size"]
        eos = self.model.config.get("eos_token_id")
        self.eos = frozenset(eos if isinstance(eos, list) else [] if eos is None else [eos])
        self.scheduler = Scheduler(Runner(self.model, slots, self.length), self.deliver)
        self.loop: asyncio.AbstractEventLoop | None = None
        self.version = UNLOADED

    def start(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.scheduler.thread.start()

    def deliver(self, requests: list[Request], error: Exception | None) -> None:
        def settle() -> None:
            for request in requests:
                if error:
                    request.future.set_exception(error)
                else:
                    request.future.set_result(request)

        self.loop.call_soon_threadsafe(settle)

    # --- POST /tokenize

    def encode(self, text: str) -> dict:
        ids = self.tokenizer.encode(text, add_special_tokens=False).ids
        return {"count": len(ids), "max_model_len": self.length, "tokens": ids}

    # --- POST /v1/completions

    def prompts(self, prompt: Any) -> list[list[int]]:
        """Ids of one prompt or of several. Each is text or ids."""
        many = isinstance(prompt, list) and prompt and not isinstance(prompt[0], int)
        found = []
        for one in prompt if many else [prompt]:
            if isinstance(one, str):
                ids = self.tokenizer.encode(one, add_special_tokens=False).ids
            elif isinstance(one, list) and all(type(i) is int for i in one):
                ids = one
            else:
                raise BadRequest("prompt must be a text, a list of ids, or a list of these")
            if not ids:
                raise BadRequest("prompt is empty")
            if max(ids) >= self.vocabulary or min(ids) < 0:
                raise BadRequest(f"prompt has an id outside the vocabulary of {self.vocabulary}")
            if len(ids) > self.length:
                raise BadRequest(f"prompt has {len(ids)} tokens: the context holds {self.length}")
            found.append(ids)
        return found

    async def complete(self, body: dict) -> dict:
        check_completion(body)
        prompts = self.prompts(body["prompt"])
        if body.get("echo"):
            return await self.score(prompts)
        requests = [
            self.request(body, prompt, sample)
            for prompt in prompts
            for sample in range(body.get("n", 1))
        ]
        for request in requests:
            if len(request.prompt) >= self.length:
                raise BadRequest(f"prompt has {len(request.prompt)} tokens: no room for an answer")
        futures = [self.submit(request) for request in requests]
        await asyncio.gather(*futures)
        return {"object": "text_completion", "choices": [
            self.choice(i, request, body) for i, request in enumerate(requests)
        ]}  # fmt: skip

    def submit(self, request: Request) -> asyncio.Future:
        request.future = self.loop.create_future()
        self.scheduler.submit(request)
        return request.future

    def request(self, body: dict, prompt: list[int], sample: int) -> Request:
        stop_ids = frozenset(body.get("stop_token_ids") or ())
        is_stopped = None
        if stops_of(body) or "vllm_xargs" in body:
            decode = self.tokenizer.decode
            is_stopped = lambda ids: cut_of(body, decode(ids)) is not None
        return Request(
            prompt=prompt,
            max_tokens=body.get("max_tokens", 16),
            temperature=float(body.get("temperature", 1)),
            top_p=float(body.get("top_p", 1)),
            seed=body.get("seed", 0) + sample,
            stop_ids=stop_ids if body.get("ignore_eos") else stop_ids | self.eos,
            is_stopped=is_stopped,
        )

    def choice(self, index: int, request: Request, body: dict) -> dict:
        text = self.tokenizer.decode(request.ids, skip_special_tokens=True)
        return {
            "index": index,
            "text": text[: cut_of(body, text)],
            "token_ids": request.ids,
            "prompt_token_ids": request.prompt,
            "logprobs": {"token_logprobs": request.logps},
            "finish_reason": request.finish,
            "stop_reason": None,
        }

    async def score(self, prompts: list[list[int]]) -> dict:
        """Log-probabilities of the prompts' own ids: `echo` with `max_tokens` 0."""
        choices = []
        for index, ids in enumerate(prompts):
            logps = await asyncio.wrap_future(self.scheduler.do(lambda ids=ids: self.logps(ids)))
            known = [{str(i): {"logprob": p}} for i, p in zip(ids[1:], logps, strict=True)]
            choices.append(
                {
                    "index": index,
                    "text": "",
                    "token_ids": [],
                    "prompt_token_ids": ids,
                    "prompt_logprobs": [None, *known],
                    "finish_reason": "length",
                }
            )
        return {"object": "text_completion", "choices": choices}

    def logps(self, ids: list[int]) -> list[float]:
        _, [(_, hidden)] = self.scheduler.runner.step([], [], [ids])
        rows = log_softmax(self.scheduler.runner.logits(hidden).numpy().astype(np.float64))
        return finite(rows[np.arange(len(ids) - 1), ids[1:]].astype(np.float32)).tolist()

    # --- weights

    def load_weights(self, path: str, version: int) -> dict:
        """Runs on the model's thread, while paused. Nothing changes unless every tensor fits."""
        if not self.scheduler.is_idle():
            raise RuntimeError("Cannot load weights while requests are in flight: pause first")
        assign_weights(self.model, read_weights(Path(path)))
        self.scheduler.runner.fuse()
        self.scheduler.prefixes.clear()
        self.version = version
        return {"version": version}

    def call(self, method: str, kwargs: dict) -> Future:
        check(method, kwargs, CALLS[method])
        found: Future = Future()
        if method == "azr_read":
            found.set_result({"text": Path(kwargs["path"]).read_text()[:100]})
            return found
        if method == "azr_describe":
            found.set_result({"logprobs": "processed_logprobs", "length": self.length, "rank": 0})
            return found
        return self.scheduler.do(lambda: self.load_weights(**kwargs))
