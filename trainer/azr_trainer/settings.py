"""How a model is loaded and trained: what `load` takes beside a path. Pure."""

from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Settings:
    """See trainer.* in docs/config.md, where each has its reason."""

    backend: str = "plain"  # plain: our own qwen2 and llama; transformers: any causal model
    method: str = "full"  # full, lora or qlora
    loraRank: int = 16
    loraAlpha: float = 32.0
    dtype: str = "float32"
    optimizer: str = "adamw"  # adamw, adamw8bit or adamwCpu
    gradientCheckpointing: bool = False
    seed: int = 0
    base: str | None = None  # the model that an adapter belongs to; None: the path itself


def settings_of(body: dict | None) -> Settings:
    """Settings from a message; a name that is not known is an error, not a default."""
    known = {field.name for field in fields(Settings)}
    if unknown := sorted(set(body or {}) - known):
        raise ValueError(f"Cannot load with {', '.join(unknown)}: known are {', '.join(known)}")
    return Settings(**(body or {}))
