"""Attention over trees of sequences (packing.py), for the models of transformers.

Covers: on a CPU, attention node by node, which computes nothing that no token sees and repeats no
keys; on a card, the tree as blocks for FlexAttention; which of these a machine offers. Does not
cover: transformers' own attention with a dense mask, which every model can use.
"""

import os
import shutil
from importlib.util import find_spec
from itertools import pairwise

import torch
from torch.nn import functional as F
from torch.nn.attention.flex_attention import BlockMask

NAME, FLEX = "azr_tree", "flex_attention"
BLOCK = 128
# Further arguments of an attention, none of which is supported here.
MORE = ("softcap", "s_aux", "position_bias", "sliding_window")

flash = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu
flash_backward = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu_backward


def chosen(wanted: str, device: str) -> str:
    """The name of the attention in transformers."""
    if wanted == "flex" and device != "cuda":
        raise ValueError("Cannot use FlexAttention without CUDA: use trainer.attention=auto")
    return {"auto": best_for(device), "flex": FLEX}.get(wanted, wanted)


def best_for(device: str) -> str:
    """Triton compiles FlexAttention for the card, for which it needs a C compiler."""
    if device != "cuda":
        return NAME
    compiler = os.environ.get("CC") or shutil.which("gcc") or shutil.which("clang")
    is_new = torch.cuda.get_device_capability() >= (8, 0)
    return FLEX if is_new and compiler and find_spec("triton") else "sdpa"


def is_dense(name: str) -> bool:
    """Whether it also computes pairs that no token sees."""
    return name not in (NAME, FLEX)


def mask_of(name: str, part):
    """The tree of a micro-batch, in the form that this attention takes; None means causal."""
    if name == FLEX:
        return blocks_of(part.until_BT)
    if part.is_causal:
        return None
    if name == NAME:
        return part.until_BT[:, None, None]
    if name == "sdpa":
        return part.seen_BTT()[:, None]
    return part.additive_mask()[:, None]


def blocks_of(until_BT: torch.Tensor) -> BlockMask:
    """The blocks of keys that a block of queries sees in part, and those that
    it sees completely.
    """
    B, T = until_BT.shape
    count = -(-T // BLOCK)
    padded = F.pad(until_BT, (0, count * BLOCK - T)).view(B, 1, count, BLOCK)
    begin = torch.arange(count, device=until_BT.device) * BLOCK
    later = begin[:, None] > begin
    is_seen = (later | (begin[:, None] == begin)) & (begin[:, None] < padded.amax(-1)[:, :, None])
    is_whole = later & (begin[:, None] + BLOCK <= padded.amin(-1)[:, :, None])

    def listed(blocks):
        """The number of blocks in each row, and these blocks first."""
        order = blocks.int().argsort(dim=-1, descending=True, stable=True)
        return blocks.sum(-1, dtype=torch.int32), order.int()

    def sees(b, _head, q, k):
        return (k <= q) & (q < until_BT[b, k])

    partly, wholly = listed(is_seen & ~is_whole), listed(is_whole)
    return BlockMask.from_kv_blocks(
        *partly, *wholly, BLOCK_SIZE=BLOCK, mask_mod=sees, seq_lengths=(T, T)
    )


def nodes_of(until_T: torch.Tensor) -> list[tuple[int, int, int]]:
    """(start, end, until) of the nodes that the same sequences pass; the tokens after a node end at
    `until`.

    Branches that end at one place follow each other only if they are one node.
    """
    untils, sizes = torch.unique_consecutive(until_T, return_counts=True)
    places = pairwise([0, *sizes.cumsum(0).tolist()])
    return [(*place, until) for place, until in zip(places, untils.tolist(), strict=True)]


class TreeAttention(torch.autograd.Function):
    """Attention of one call per node: the node's keys meet the queries of the node and of all
    tokens after it, causally from the node's first token. A query's results from several nodes
    are combined by their weights, the logs of their sums of exponentials. The backward pass uses
    the weights of the whole.

    q [B, H, T, D]; k, v [B, G, T, D]; returns [B, T, H, D]. H / G heads share their keys.
    """

    @staticmethod
    def forward(ctx, q_BHTD, k_BGTD, v_BGTD, until_BT, scale):
        B, H, T, D = q_BHTD.shape
        out_BTHD = q_BHTD.new_empty(B, T, H, D)
        weight_BHT = torch.empty(B, H, T)
        for b in range(B):
            q, k, v = heads(q_BHTD[b], k_BGTD[b], v_BGTD[b])
            out, weight = by_group(out_BTHD[b].transpose(0, 1), k), by_group(weight_BHT[b], k)
            planted = 0
            for start, end, until in nodes_of(until_BT[b]):
                here, own = slice(start, until), slice(start, end)
                found, of_it = flash(
                    q[:, :, here], k[:, :, own], v[:, :, own], 0.0, True, scale=scale
                )
                if start >= planted:  # a root
                    out[:, :, here], weight[:, :, here], planted = found, of_it, until
                else:
                    add(out[:, :, here], weight[:, :, here], found, of_it)
        ctx.save_for_backward(q_BHTD, k_BGTD, v_BGTD, until_BT, out_BTHD, weight_BHT)
        ctx.scale = scale
        return out_BTHD

    @staticmethod
    def backward(ctx, up_BTHD):
        q_BHTD, k_BGTD, v_BGTD, until_BT, out_BTHD, weight_BHT = ctx.saved_tensors
        up_q, up_k, up_v = map(torch.zeros_like, (q_BHTD, k_BGTD, v_BGTD))
        for b in range(len(q_BHTD)):
            q, k, v = heads(q_BHTD[b], k_BGTD[b], v_BGTD[b])
            up, out = (by_group(x[b].transpose(0, 1), k) for x in (up_BTHD, out_BTHD))
            weight, mine = by_group(weight_BHT[b], k), by_group(up_q[b], k)
            for start, end, until in nodes_of(until_BT[b]):
                here, own = (slice(None), slice(None), slice(start, until)), slice(start, end)
                of_q, of_k, of_v = flash_backward(
                    up[here], q[here], k[:, :, own], v[:, :, own], out[here], weight[here],
                    0.0, True, scale=ctx.scale,
                )  # fmt: skip
                mine[here] += of_q
                up_k[b, :, own], up_v[b, :, own] = of_k.sum(0), of_v.sum(0)
        return up_q, up_k, up_v, None, None


def by_group(x_HT: torch.Tensor, k: torch.Tensor) -> torch.Tensor:
    """[H / G, G, T, ...] from [H, T, ...]."""
    return x_HT.unflatten(0, (k.shape[1], -1)).transpose(0, 1)


def heads(q_HTD, k_GTD, v_GTD):
    """All as [H / G, G, T, D]. Keys and values are views."""
    k, v = (x[None].expand(len(q_HTD) // len(x), *x.shape) for x in (k_GTD, v_GTD))
    return by_group(q_HTD, k), k, v


def add(out, weight, found, of_it) -> None:
    both = torch.logaddexp(weight, of_it)
    out.mul_((weight - both).exp_()[..., None].to(out.dtype))
    out.addcmul_(found, (of_it - both).exp_()[..., None].to(out.dtype))
    weight.copy_(both)


def tree_attention(module, query, key, value, attention_mask, scaling=None, dropout=0.0, **more):
    """The interface that transformers calls. Returns [B, T, H, D]."""
    if asked := [name for name in MORE if more.get(name) is not None]:
        raise ValueError(
            f"Cannot compute the attention of {type(module).__name__} over trees as it has "
            f"{', '.join(asked)}: set trainer.attention=eager"
        )
    if attention_mask is not None:
        return TreeAttention.apply(query, key, value, attention_mask[:, 0, 0], scaling), None
    shared = query.shape[1] // key.shape[1]
    found = F.scaled_dot_product_attention(
        query, key, value, is_causal=True, scale=scaling, enable_gqa=shared > 1
    )
    return found.transpose(1, 2), None
