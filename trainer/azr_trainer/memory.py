"""Repeats work in smaller pieces if memory is short: how to halve, and when to give up."""

import gc
import resource

import torch


def is_out_of_memory(error: BaseException) -> bool:
    text = str(error)
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or (
        isinstance(error, RuntimeError) and "can't allocate memory" in text
    )


def release() -> None:
    gc.collect()
    give_back()


def give_back() -> None:
    """Return cached memory to the card, because other processes use it too."""
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def peak_bytes(device: str) -> int:
    """The peak memory of this process: on the card, or of the machine."""
    if device == "cuda":
        return torch.cuda.max_memory_allocated()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def free_bytes(device: str) -> int:
    """Free memory of the card, not counting what an engine uses; or of the machine."""
    if device == "cuda":
        return torch.cuda.mem_get_info()[0]
    with open("/proc/meminfo") as lines:
        found = dict(line.split(":") for line in lines)
    return int(found["MemAvailable"].split()[0]) * 1024


def with_smaller(attempt, tokens: int, longest: int, log, agree=lambda is_short: is_short):
    """The result of `attempt(tokens)`, and the tokens per pass that it used: halved until it fits.

    A pass of `longest` tokens or fewer has one sequence and cannot shrink. `agree` says whether
    memory was short in any process of the group.
    """
    while True:
        reason, found = None, None
        try:
            found = attempt(tokens)
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        if not agree(reason is not None):
            return found, tokens
        del found
        reason = reason or "on another process"
        # The error's frames hold memory until it is gone.
        release()
        if tokens <= longest:
            raise RuntimeError(
                f"Cannot fit one sequence of {longest} tokens into memory ({reason}): "
                "set trainer.gradientCheckpointing, trainer.method=lora or trainer.optimizer="
                "adamwCpu, or lower engine.maxLength; `azr plan` tells what fits"
            )
        tokens = max(tokens // 2, min(tokens - 1, longest))
        log("memory.short", microBatchTokens=tokens, reason=reason)
