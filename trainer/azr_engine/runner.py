"""The model's arithmetic in fixed shapes: prefill of one prompt, one decoding step of all slots.

A linear layer on 1 row differs in the last bits from the same on 64, and attention changes with the
padded length of its keys. So a decoding step always has all slots, keys are read in blocks of one
size, and a prompt is always prefilled alone, padded to a length that depends on it only. Blocks
that lie beyond a sequence add exact zeros to its sums: how many are read never shows.
"""

import torch
from torch.nn import functional as F

from azr_trainer.model import Qwen2, rotary, rotate

BUCKET = 32


def padded_length(length: int) -> int:
    return -(-length // BUCKET) * BUCKET


class Runner:
    """Weights fused for speed, and the keys and values of all slots [S, G, L, D]."""

    def __init__(self, model: Qwen2, slots: int, length: int):
        self.model, self.slots, self.length = model, slots, length
        attention = model.model.layers[0].self_attn
        self.heads, self.groups, self.head = attention.heads, attention.groups, attention.head
        self.repeat = self.heads // self.groups
        self.cos_LD, self.sin_LD = rotary(length, self.head, model.theta)
        count = len(model.model.layers)
        # [blocks, S, G, BUCKET, D]
        shape = (padded_length(length) // BUCKET, slots, self.groups, BUCKET, self.head)
        self.keys = [torch.zeros(shape) for _ in range(count)]
        self.values = [torch.zeros(shape) for _ in range(count)]
        self.places = torch.arange(padded_length(length)).view(-1, 1, 1, BUCKET)
        self.rows = torch.arange(slots)
        self.fuse()

    def fuse(self) -> None:
        """Joins q, k, v and gate, up into one matrix each; again after every load of weights."""
        self.qkv, self.gates = [], []
        for layer in self.model.model.layers:
            a, m = layer.self_attn, layer.mlp
            parts = (a.q_proj, a.k_proj, a.v_proj)
            weight = torch.cat([p.weight for p in parts]).detach()
            has_bias = a.q_proj.bias is not None
            bias = torch.cat([p.bias for p in parts]).detach() if has_bias else None
            self.qkv.append((weight, bias))
            self.gates.append(torch.cat([m.gate_proj.weight, m.up_proj.weight]).detach())

    def finish_layer(self, i: int, x, mixed):
        layer = self.model.model.layers[i]
        x = x + F.linear(mixed, layer.self_attn.o_proj.weight)
        gate, up = F.linear(layer.post_attention_layernorm(x), self.gates[i]).chunk(2, -1)
        return x + F.linear(F.silu(gate) * up, layer.mlp.down_proj.weight)

    def split(self, i: int, x_BW):
        """q [B, H, D], k and v [B, G, D] of a row for each sequence or position."""
        y = F.linear(self.model.model.layers[i].input_layernorm(x_BW), *self.qkv[i])
        y = y.view(x_BW.shape[0], -1, self.head)
        return y.split((self.heads, self.groups, self.groups), 1)

    @torch.inference_mode()
    def prefill(self, ids: list[int]):
        """Keys and values [layers][G, T, D] of a prompt, and its hidden states [T, W]."""
        length = len(ids)
        size = min(padded_length(length), self.length)
        padded = torch.zeros(size, dtype=torch.long)
        padded[:length] = torch.tensor(ids)
        mask = torch.full((size, size), float("-inf")).triu(1)
        cos, sin = self.cos_LD[:size], self.sin_LD[:size]
        x = self.model.model.embed_tokens(padded)
        cache = []
        for i in range(len(self.keys)):
            q, k, v = (part.transpose(0, 1) for part in self.split(i, x))
            q, k = rotate(q, cos, sin), rotate(k, cos, sin)
            cache.append((k[:, :length].clone(), v[:, :length].clone()))
            if self.repeat > 1:
                k, v = k.repeat_interleave(self.repeat, 0), v.repeat_interleave(self.repeat, 0)
            score = (q @ k.transpose(1, 2)) * self.head**-0.5 + mask
            mixed = (score.softmax(-1) @ v).transpose(0, 1).reshape(size, -1)
            x = self.finish_layer(i, x, mixed)
        return cache, self.model.model.norm(x)[:length]

    @torch.inference_mode()
    def logits(self, hidden: torch.Tensor) -> torch.Tensor:
        return self.model.logits(hidden)

    @torch.inference_mode()
    def seat(self, slot: int, cache) -> None:
        """Gives a slot the keys and values of its prompt."""
        for i, (k, v) in enumerate(cache):
            for block, start in enumerate(range(0, k.shape[1], BUCKET)):
                size = min(BUCKET, k.shape[1] - start)
                self.keys[i][block, slot, :, :size] = k[:, start : start + size]
                self.values[i][block, slot, :, :size] = v[:, start : start + size]

    @torch.inference_mode()
    def decode(self, ids_S: torch.Tensor, places_S: torch.Tensor) -> torch.Tensor:
        """Logits [S, V] after one more id in every slot, at its place. Idle slots compute noise."""
        blocks = int(places_S.max()) // BUCKET + 1
        block_S, within_S = places_S // BUCKET, places_S % BUCKET
        hidden = self.places[:blocks] > places_S[:, None, None]
        mask = torch.zeros(hidden.shape).masked_fill(hidden, -torch.inf)
        cos, sin = self.cos_LD[places_S][:, None], self.sin_LD[places_S][:, None]
        x = self.model.model.embed_tokens(ids_S)
        for i in range(len(self.keys)):
            q, k, v = self.split(i, x)
            q, k = rotate(q, cos, sin), rotate(k, cos, sin)
            self.keys[i][block_S, self.rows, :, within_S] = k
            self.values[i][block_S, self.rows, :, within_S] = v
            x = self.finish_layer(i, x, self.attend(i, q, mask))
        return self.model.logits(self.model.model.norm(x))

    def attend(self, i: int, q_SHD: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Attention over the first blocks of keys, under a mask [blocks, S, 1, BUCKET]: [S, H * D].

        Every product has one block's shape; sums over blocks are taken one after another.
        """
        S, G, R, D = self.slots, self.groups, self.repeat, self.head
        query = q_SHD.reshape(S * G, R, D)
        scores = [
            torch.bmm(query, self.keys[i][block].view(S * G, BUCKET, D).transpose(1, 2))
            .mul_(D**-0.5)
            .view(S, self.heads, BUCKET)
            .add_(mask[block])
            for block in range(len(mask))
        ]
        peak = torch.stack([score.amax(-1) for score in scores]).amax(0)[..., None]
        total, mixed = 0.0, 0.0
        for block, score in enumerate(scores):
            chance = score.sub_(peak).exp_()
            total = total + chance.sum(-1, keepdim=True)
            value = self.values[i][block].view(S * G, BUCKET, D)
            part = torch.bmm(chance.view(S * G, R, BUCKET), value)
            mixed = mixed + part.view(S, self.heads, D)
        return (mixed / total).reshape(S, -1)
