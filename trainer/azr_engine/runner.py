"""The model's arithmetic: one step of the first slots, and of new prompts.

The bits of a sequence never depend on its neighbours. A product may differ in its last bits with
the number of rows. At its start the engine tests whether it does. If not, one step takes as many
rows as there are, of slots and prompts together. Otherwise a step takes all slots, and a prompt
alone.

Attention is computed for each sequence with its own shapes. Keys are read in blocks of one size,
and those beyond a sequence add exact zeros to its sums. A prompt is padded to a length that depends
only on it.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F

from azr_trainer.model import Layer, Norm, Qwen2, rotary

ROWS = 4  # the number of slots in a step is a multiple of this
KEYS = 32  # in one product of a step
TOKENS = 16  # a prompt is padded to a multiple of this
MOST = 128  # rows of slots and prompts together


def padded(length: int, size: int) -> int:
    return -(-length // size) * size


def normal(x: torch.Tensor, norm: Norm) -> torch.Tensor:
    return F.rms_norm(x, (x.shape[-1],), norm.weight, norm.epsilon)


def joined(*parts: torch.nn.Linear) -> torch.Tensor:
    """One matrix from several layers, inputs by outputs."""
    return torch.cat([part.weight for part in parts]).detach().t().contiguous()


@dataclass
class Fused:
    """The matrices of a layer. q, k, v are one, and gate, up are one."""

    layer: Layer
    qkv: torch.Tensor
    bias: torch.Tensor
    out: torch.Tensor
    gates: torch.Tensor
    down: torch.Tensor

    @staticmethod
    def of(layer: Layer) -> "Fused":
        a, m = layer.self_attn, layer.mlp
        parts = (a.q_proj, a.k_proj, a.v_proj)
        biases = [torch.zeros(len(p.weight)) if p.bias is None else p.bias for p in parts]
        gates = joined(m.gate_proj, m.up_proj)
        bias = torch.cat(biases).detach()
        return Fused(layer, joined(*parts), bias, joined(a.o_proj), gates, joined(m.down_proj))


class Runner:
    """Fused weights, and the keys and values of all slots [layers, 2, blocks, S * G, KEYS, D]."""

    def __init__(self, model: Qwen2, slots: int, length: int):
        self.model, self.seats, self.length = model, slots, length
        self.slots = padded(slots, ROWS)
        attention = model.model.layers[0].self_attn
        self.heads, self.groups, self.head = attention.heads, attention.groups, attention.head
        self.cos_LD, self.sin_LD = rotary(padded(length, KEYS), self.head, model.theta)
        self.sin_LD[:, : self.head // 2] *= -1  # for halves that are swapped, not negated
        lines, blocks = self.slots * self.groups, padded(length, KEYS) // KEYS
        self.cache = torch.zeros(len(model.model.layers), 2, blocks, lines, KEYS, self.head)
        self.flat = self.cache.flatten(2, 4).unbind()
        self.views: dict[int, list] = {}
        self.first_SG = np.arange(lines).reshape(self.slots, -1) * KEYS
        # Row m hides all but the first m keys of a block.
        self.hiding = torch.full((KEYS + 1, KEYS), -torch.inf).triu()
        self.causal = torch.full((padded(length, TOKENS),) * 2, -torch.inf).triu(1)
        self.fuse()
        self.is_free = self.tried()

    def fuse(self) -> None:
        """Called after every load of weights."""
        self.layers = [Fused.of(layer) for layer in self.model.model.layers]

    def forward(self, ids_R: torch.Tensor, places_R: torch.Tensor, mix) -> torch.Tensor:
        """Hidden states [R, W] of R tokens. `mix` computes their attention in a layer."""
        H, G, D, R = self.heads, self.groups, self.head, len(ids_R)
        cos, sin = self.cos_LD[places_R][:, None], self.sin_LD[places_R][:, None]
        x = F.embedding(ids_R, self.model.model.embed_tokens.weight)
        for i, one in enumerate(self.layers):
            qkv = torch.addmm(one.bias, normal(x, one.layer.input_layernorm), one.qkv)
            turned, v = qkv.view(R, -1, D).split((H + G, G), 1)
            swapped = torch.cat((turned[..., D // 2 :], turned[..., : D // 2]), -1)
            q, k = (turned * cos).add_(swapped.mul_(sin)).split((H, G), 1)
            x = x + torch.mm(mix(i, q, k, v), one.out)
            y = torch.mm(normal(x, one.layer.post_attention_layernorm), one.gates)
            gate, up = y.chunk(2, -1)
            x += torch.mm(F.silu(gate).mul_(up), one.down)
        return normal(x, self.model.model.norm)

    @torch.inference_mode()
    def tried(self) -> bool:
        """Whether the bits of a row are the same among any number of rows, at any place."""
        ids = torch.arange(ROWS) % self.model.config["vocab_size"]
        places = torch.arange(ROWS) % self.length
        hidden = lambda times: self.forward(  # noqa: E731
            ids.repeat(times), places.repeat(times), lambda i, q, k, v: q.flatten(1)
        ).view(times, ROWS, -1)
        few, most = hidden(1), max(MOST, self.slots) // ROWS
        return all((hidden(times) == few).all() for times in range(2, most + 1))

    @torch.inference_mode()
    def step(self, ids_R: list[int], places_R: list[int], prompts: list[list[int]]):
        """One more id in each of the first R slots, at its place, and whole prompts.

        Returns logits [R, V], and for each prompt its keys and values [layers, 2, G, T, D] and
        hidden states [T, W]. R is a multiple of ROWS. Idle slots compute noise.
        """
        R, ids, places = len(ids_R), list(ids_R), list(places_R)
        rows = R + sum(padded(len(prompt), TOKENS) for prompt in prompts)
        if (rows > MOST or not self.is_free) and bool(R) + len(prompts) > 1:
            found = [self.step([], [], [prompt])[1][0] for prompt in prompts]
            return self.step(ids_R, places_R, [])[0] if R else None, found
        parts = []
        for prompt in prompts:
            T = padded(len(prompt), TOKENS)
            cache = torch.empty(len(self.layers), 2, self.groups, T, self.head)
            parts.append((slice(len(ids), len(ids) + T), cache))
            ids += prompt + [0] * (T - len(prompt))
            places += range(T)
        read = self.reader(np.array(places[:R])) if R else None

        def mix(i, q, k, v):
            if not parts:
                return read(i, q, k, v)
            mixed = q.new_empty(len(q), self.heads * self.head)
            if read:
                mixed[:R] = read(i, q[:R], k[:R], v[:R])
            for rows, cache in parts:
                mixed[rows] = self.attend_prompt(q[rows], k[rows], v[rows], *cache[i])
            return mixed

        hidden = self.forward(torch.tensor(ids), torch.tensor(places), mix)
        found = [
            (cache[..., : len(prompt), :], hidden[rows][: len(prompt)])
            for prompt, (rows, cache) in zip(prompts, parts, strict=True)
        ]
        return self.logits(hidden[:R]), found

    @torch.inference_mode()
    def logits(self, hidden_RW: torch.Tensor) -> torch.Tensor:
        return F.linear(hidden_RW, self.model.head_weight())

    @torch.inference_mode()
    def seat(self, slot: int, cache: torch.Tensor) -> None:
        """Gives a slot the keys and values [layers, 2, G, T, D] of its prompt."""
        for block, part in enumerate(cache.split(KEYS, -2)):
            self.cache[:, :, block, self.lines(slot), : part.shape[-2]] = part

    @torch.inference_mode()
    def move(self, source: int, target: int, length: int) -> None:
        """Gives a slot the keys and values of another, `length` tokens of them."""
        cache = self.cache[:, :, : padded(length, KEYS) // KEYS]
        cache[:, :, :, self.lines(target)] = cache[:, :, :, self.lines(source)]

    def lines(self, slot: int) -> slice:
        return slice(slot * self.groups, (slot + 1) * self.groups)

    def attend_prompt(self, q_THD, k_TGD, v_TGD, keys_GTD, values_GTD) -> torch.Tensor:
        """Attention [T, H * D] of a whole prompt. Its keys and values are stored."""
        T, G, D = len(q_THD), self.groups, self.head
        keys_GTD.copy_(k_TGD.transpose(0, 1))
        values_GTD.copy_(v_TGD.transpose(0, 1))
        q = q_THD.transpose(0, 1).reshape(G, -1, D)
        score = torch.bmm(q, keys_GTD.transpose(1, 2)).mul_(D**-0.5)
        score = score.view(-1, T, T).add_(self.causal[:T, :T]).softmax(-1).view(G, -1, T)
        return torch.bmm(score, values_GTD).view(-1, T, D).transpose(0, 1).flatten(1)

    def blocks_of(self, rows: int) -> list[tuple[list, list]]:
        """For each layer the blocks of keys [rows * G, D, KEYS] and values [rows * G, KEYS, D]."""
        if rows not in self.views:
            part = self.cache[:, :, :, : rows * self.groups].unbind()
            self.views[rows] = [(list(k.transpose(2, 3)), list(v)) for k, v in part]
        return self.views[rows]

    def reader(self, places_R: np.ndarray):
        """Attention of the first R slots, each at its place, in any layer."""
        G, D, R = self.groups, self.head, len(places_R)
        starts = np.arange(0, places_R.max() + 1, KEYS)
        line_R = places_R // KEYS * (self.slots * G * KEYS) + places_R % KEYS
        at = torch.from_numpy((self.first_SG[:R] + line_R[:, None]).ravel())
        seen_BR = (places_R + 1 - starts[:, None]).clip(0, KEYS)
        masks = F.embedding(torch.from_numpy(seen_BR.repeat(G, 1)), self.hiding).unsqueeze(2)
        blocks, masks = self.blocks_of(R), masks.unbind()

        def read(i, q, k, v):
            for kept, part in zip(self.flat[i], (k, v), strict=True):
                kept.index_copy_(0, at, part.reshape(-1, D))
            return self.attend(q.reshape(R * G, -1, D), *blocks[i], masks).view(R, -1)

        return read

    def attend(self, q, keys, values, masks) -> torch.Tensor:
        """Attention of q [R * G, H / G, D] over blocks of keys and values, one per mask.

        Every product has the shape of one block. Sums over blocks are added in order.
        """
        chances = q.new_empty(len(masks), *q.shape[:2], KEYS)
        parts = chances.unbind()
        for part, mask, key in zip(parts, masks, keys, strict=False):
            torch.baddbmm(mask, q, key, alpha=self.head**-0.5, out=part)
        chances.sub_(chances.amax(-1).amax(0)[..., None]).exp_()
        mixed = torch.bmm(parts[0], values[0])
        for part, value in zip(parts[1:], values[1:], strict=False):
            mixed.add_(torch.bmm(part, value))
        return mixed.div_(chances.sum(-1).sum(0)[..., None])
