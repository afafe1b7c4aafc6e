"""The requests that the engine accepts, in the form of vLLM's OpenAI-compatible server. Pure."""

from azr_trainer.checks import (
    BadRequest,
    Rule,
    anything,
    check,
    either,
    flag,
    nothing,
    number,
    path,
    several,
    text,
    whole,
)

# The version before any load.
UNLOADED = -1
STOP = either(text, Rule("a list of texts", several(text).fits), nothing)
# The option that ends an answer after a number of end marks. It is in a field in which vLLM allows
# anything: vLLM ignores it, we use it.
END = Rule(
    "{end_text: a text, end_count: a whole number from 1, end_after: a text or left out}",
    lambda v: (
        isinstance(v, dict)
        and v.keys() - {"end_after"} == {"end_text", "end_count"}
        and text.fits(v.get("end_after", ""))
        and path.fits(v["end_text"])
        and whole(1).fits(v["end_count"])
    ),
)
IDS = either(several(whole(0)), nothing)
COUNT = either(whole(0), nothing)
# Options of POST /v1/completions. `prompt` is checked in service.py.
OPTIONS = {
    "model": text,
    "max_tokens": whole(0, 1 << 20),
    "temperature": number(0, 100),
    "top_p": number(1e-9, 1),
    "seed": whole(0, 2**63 - 1),
    "n": whole(1, 1024),
    "logprobs": COUNT,
    "return_token_ids": flag,
    "stop": STOP,
    "include_stop_str_in_output": flag,
    "vllm_xargs": END,
    "stop_token_ids": IDS,
    "ignore_eos": flag,
    "echo": flag,
    "prompt_logprobs": COUNT,
    "skip_special_tokens": flag,
}
# The body of POST /tokenize.
ENCODING = {"model": text}
# The body of POST /collective_rpc: each method's arguments.
CALLS = {
    "azr_load": {"path": path, "version": whole(0)},
    "azr_read": {"path": path},
    "azr_describe": {},
}


def check_completion(body) -> None:
    check("complete", body, {"prompt": anything}, OPTIONS)
    if not body.get("echo") and body.get("max_tokens") == 0:
        raise BadRequest("Cannot complete: max_tokens must be 1 or more where nothing is echoed")


def stops_of(body: dict) -> list[str]:
    stop = body.get("stop") or []
    return [stop] if isinstance(stop, str) else stop


def cut_of(body: dict, text: str) -> int | None:
    """The offset where a text is cut: the first stop, or its end by count; None if it continues."""
    kept = body.get("include_stop_str_in_output", False)
    cuts = [text.find(stop) + kept * len(stop) for stop in stops_of(body) if stop in text]
    if end := body.get("vllm_xargs"):
        after = end.get("end_after", "")
        counted = text[text.find(after) + len(after) :] if after in text else ""
        *parts, rest = counted.split(end["end_text"], end["end_count"])
        if len(parts) == end["end_count"]:
            cuts.append(len(text) - len(rest) - len(end["end_text"]))
    return min(cuts, default=None)
