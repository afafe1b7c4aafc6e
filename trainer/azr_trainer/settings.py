"""The settings of `load` and the options of `update`: how a model is loaded and trained. Pure."""

from dataclasses import dataclass
from typing import Annotated, get_type_hints

from azr_trainer.checks import (
    BadRequest,
    above_zero,
    check,
    either,
    flag,
    nothing,
    number,
    one_of,
    path,
    several,
    whole,
)


@dataclass(frozen=True)
class Settings:
    """See trainer.* in docs/reference/config.md, which has the reasons."""

    # plain: our own qwen2 and llama; transformers: any causal model
    backend: Annotated[str, one_of("plain", "transformers")] = "plain"
    method: Annotated[str, one_of("full", "lora", "qlora")] = "full"
    loraRank: Annotated[int, whole(1)] = 16
    loraAlpha: Annotated[float, above_zero] = 32.0
    dtype: Annotated[str, one_of("float32", "bfloat16")] = "float32"
    optimizer: Annotated[str, one_of("adamw", "adamw8bit", "adamwCpu")] = "adamw"
    gradientCheckpointing: Annotated[bool, flag] = False
    attention: Annotated[str, one_of("auto", "flex", "sdpa", "eager")] = "auto"
    seed: Annotated[int, whole(-(2**53), 2**53)] = 0
    # The model that an adapter belongs to; None: the path itself
    base: Annotated[str | None, either(path, nothing)] = None


SETTINGS = {
    name: hint.__metadata__[0]
    for name, hint in get_type_hints(Settings, include_extras=True).items()
}

# UpdateOptions in src/engine/types.ts.
OPTIONS = {
    "learningRate": number(0),
    "weightDecay": number(0),
    "beta1": number(0, 1),
    "beta2": number(0, 1),
    "epsilon": above_zero,
    "clipLow": number(0, 1),
    "clipHigh": number(0),
    "importanceCap": number(0),
    "entropyCoefficient": number(0),
    "maxGradientNorm": above_zero,
    "temperature": number(0),
    "microBatchTokens": whole(1),
}
CHOICES = {
    "importance": one_of("icepop"),
    "importanceFloor": number(0, 1),
    "budgets": several(whole(1)),
}


def settings_of(body: dict | None) -> Settings:
    check("load", body or {}, {}, SETTINGS)
    return Settings(**(body or {}))


def check_options(options: dict) -> None:
    check("update", options, OPTIONS, CHOICES)
    if "importance" in options and "importanceFloor" not in options:
        raise BadRequest("Cannot update: icepop needs importanceFloor")
