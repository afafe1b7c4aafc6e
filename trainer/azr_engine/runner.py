"""The model's arithmetic in fixed shapes: prompts of one padded length, one decoding step of slots.

A product of 1 row differs in the last bits from the same row among 64, and attention changes with
the padded length of its keys. So products take TILE rows at a time; a decoding step reads keys in
blocks of one size, and those beyond a sequence add exact zeros to its sums; a prompt is padded to a
length that depends on it only. How many neighbours a row has never shows in its bits.
"""

from dataclasses import dataclass

import torch
from torch.nn import functional as F

from azr_trainer.model import Layer, Norm, Qwen2, rotary

TILE = 16  # rows of a product
BLOCK = 32  # keys of a product of a decoding step


def padded(length: int, size: int) -> int:
    return -(-length // size) * size


def multiply(x_RW: torch.Tensor, weight_VW: torch.Tensor, bias_V=None) -> torch.Tensor:
    """A linear layer, one product for each tile of rows."""
    tiles = x_RW.view(-1, TILE, x_RW.shape[-1])
    weight = weight_VW.t().expand(len(tiles), -1, -1)
    if bias_V is None:
        return torch.bmm(tiles, weight).view(len(x_RW), -1)
    return torch.baddbmm(bias_V, tiles, weight).view(len(x_RW), -1)


def normalised(x: torch.Tensor, norm: Norm) -> torch.Tensor:
    return F.rms_norm(x, (x.shape[-1],), norm.weight, norm.epsilon)


@dataclass
class Fused:
    """A layer with q, k, v and gate, up joined into one matrix each."""

    layer: Layer
    qkv: torch.Tensor
    bias: torch.Tensor | None
    gates: torch.Tensor

    @staticmethod
    def of(layer: Layer) -> "Fused":
        a, m = layer.self_attn, layer.mlp
        parts = (a.q_proj, a.k_proj, a.v_proj)
        bias = None if a.q_proj.bias is None else torch.cat([p.bias for p in parts]).detach()
        qkv = torch.cat([p.weight for p in parts]).detach()
        return Fused(layer, qkv, bias, torch.cat([m.gate_proj.weight, m.up_proj.weight]).detach())


class Runner:
    """Fused weights, and the keys and values of all slots [layers, 2, blocks, S, G, BLOCK, D]."""

    def __init__(self, model: Qwen2, slots: int, length: int):
        self.model, self.slots, self.length = model, slots, length
        attention = model.model.layers[0].self_attn
        self.heads, self.groups, self.head = attention.heads, attention.groups, attention.head
        self.cos_LD, self.sin_LD = rotary(padded(length, BLOCK), self.head, model.theta)
        self.sin_LD[:, : self.head // 2] *= -1  # as the half that it meets is swapped
        self.seats, count = padded(slots, TILE), len(model.model.layers)
        blocks = padded(length, BLOCK) // BLOCK
        self.cache = torch.zeros(count, 2, blocks, self.seats, self.groups, BLOCK, self.head)
        self.lines_SG = torch.arange(self.seats * self.groups).view(self.seats, -1) * BLOCK
        # Row m hides all but the first m keys of a block.
        self.hiding = torch.full((BLOCK + 1, BLOCK), -torch.inf).triu()
        self.fuse()

    def fuse(self) -> None:
        """Again after every load of weights."""
        self.layers = [Fused.of(layer) for layer in self.model.model.layers]

    def forward(self, ids_R: torch.Tensor, places_R: torch.Tensor, mix) -> torch.Tensor:
        """Hidden states [R, W] of R tokens; `mix` is their attention in a layer."""
        H, G, D, R = self.heads, self.groups, self.head, len(ids_R)
        cos, sin = self.cos_LD[places_R][:, None], self.sin_LD[places_R][:, None]
        x = self.model.model.embed_tokens(ids_R)
        for i, one in enumerate(self.layers):
            y = multiply(normalised(x, one.layer.input_layernorm), one.qkv, one.bias)
            turned, v = y.view(R, -1, D).split((H + G, G), 1)
            swapped = torch.cat((turned[..., D // 2 :], turned[..., : D // 2]), -1)
            turned = (turned * cos).add_(swapped.mul_(sin))
            mixed = mix(i, turned[:, :H], turned[:, H:], v)
            x = x + multiply(mixed, one.layer.self_attn.o_proj.weight)
            y = multiply(normalised(x, one.layer.post_attention_layernorm), one.gates)
            gate, up = y.chunk(2, -1)
            x.add_(multiply(F.silu(gate).mul_(up), one.layer.mlp.down_proj.weight))
        return normalised(x, self.model.model.norm)

    def logits(self, hidden_RW: torch.Tensor) -> torch.Tensor:
        return multiply(hidden_RW, self.model.head_weight())

    @torch.inference_mode()
    def prefill(self, prompts: list[list[int]]):
        """Keys and values [layers, 2, P, G, T, D] of prompts of one padded length, and their
        hidden states [P, T, W]."""
        P, T = len(prompts), padded(len(prompts[0]), TILE)
        H, G, D = self.heads, self.groups, self.head
        ids = torch.tensor([ids + [0] * (T - len(ids)) for ids in prompts]).flatten()
        cache = torch.empty(len(self.layers), 2, P, G, T, D)
        mask = torch.full((T, T), -torch.inf).triu(1)

        def mix(i, q, k, v):
            keys, values = cache[i]
            keys.copy_(k.view(P, T, G, D).transpose(1, 2))
            values.copy_(v.view(P, T, G, D).transpose(1, 2))
            q = q.view(P, T, G, H // G, D).permute(0, 2, 3, 1, 4).reshape(P * G, -1, D)
            score = torch.bmm(q, keys.view(P * G, T, D).transpose(1, 2)).mul_(D**-0.5)
            score = score.view(-1, T, T).add_(mask).softmax(-1).view(P * G, -1, T)
            mixed = torch.bmm(score, values.view(P * G, T, D)).view(P, H, T, D)
            return mixed.transpose(1, 2).reshape(P * T, -1)

        hidden = self.forward(ids, torch.arange(T).repeat(P), mix)
        return cache, hidden.view(P, T, -1)

    @torch.inference_mode()
    def seat(self, slot: int, cache: torch.Tensor) -> None:
        """Gives a slot the keys and values [layers, 2, G, T, D] of its prompt."""
        for block, part in enumerate(cache.split(BLOCK, -2)):
            self.cache[:, :, block, slot, :, : part.shape[-2]] = part

    @torch.inference_mode()
    def decode(self, ids_R: torch.Tensor, places_R: torch.Tensor) -> torch.Tensor:
        """Logits [R, V] after one more id in each of the first R slots, at its place; R is a
        multiple of TILE. Idle slots compute noise."""
        R, H, G, D = len(ids_R), self.heads, self.groups, self.head
        blocks = int(places_R.max()) // BLOCK + 1
        seen = places_R + 1 - torch.arange(0, blocks * BLOCK, BLOCK)[:, None]
        mask = F.embedding(seen.clamp_(0, BLOCK).repeat_interleave(G, 1), self.hiding)[:, :, None]
        line_R = places_R // BLOCK * (self.seats * G * BLOCK) + places_R % BLOCK
        lines = (self.lines_SG[:R] + line_R[:, None]).flatten()

        def mix(i, q, k, v):
            keys, values = self.cache[i].flatten(1, 4)
            keys.index_copy_(0, lines, k.reshape(-1, D))
            values.index_copy_(0, lines, v.reshape(-1, D))
            keys, values = self.cache[i, :, :blocks].flatten(2, 3)[:, :, : R * G]
            return self.attend(q.reshape(R * G, H // G, D), keys, values, mask).view(R, -1)

        return self.logits(self.forward(ids_R, places_R, mix))

    def attend(self, q, keys, values, mask):
        """Attention of q [R * G, H / G, D] over blocks of keys [blocks, R * G, BLOCK, D], under a
        mask [blocks, R * G, 1, BLOCK].

        Every product has one block's shape; sums over blocks are taken one after another.
        """
        scores = q.new_empty(len(mask), *q.shape[:2], BLOCK)
        for score, hidden, key in zip(scores, mask, keys, strict=True):
            torch.baddbmm(hidden, q, key.transpose(1, 2), alpha=self.head**-0.5, out=score)
        peak = scores.amax(-1).amax(0)[..., None]
        chances = scores.sub_(peak).exp_()
        total = chances.sum(-1).sum(0)[..., None]
        mixed = torch.bmm(chances[0], values[0])
        for chance, value in zip(chances[1:], values[1:], strict=True):
            mixed.add_(torch.bmm(chance, value))
        return mixed.div_(total)
