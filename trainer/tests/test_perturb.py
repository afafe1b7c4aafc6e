"""Changed copies of weights: every tensor moves a little, and the original does not change."""

import sys

import torch
from safetensors.torch import load_file, save_file

from azr_trainer import perturb


def copy(source, target, monkeypatch, seed=1):
    monkeypatch.setattr(sys, "argv", ["perturb", str(source), str(target), "--seed", str(seed)])
    perturb.main()
    return load_file(target / "model.safetensors")


def test_every_matrix_moves_by_a_share_of_its_spread_and_zeros_move_too(tmp_path, monkeypatch):
    source = tmp_path / "source"
    source.mkdir()
    (source / "config.json").write_text("{}")
    wide = {"a": torch.randn(64, 64), "b": torch.zeros(64, 8), "one": torch.ones(1)}
    given = {name: tensor.bfloat16() for name, tensor in wide.items()} | {"n": torch.arange(3)}
    save_file(given, source / "model.safetensors")
    found = copy(source, tmp_path / "one", monkeypatch)
    assert (tmp_path / "one" / "config.json").is_file()
    assert {name: t.dtype for name, t in found.items()} == {n: t.dtype for n, t in given.items()}
    off = (found["a"] - given["a"]).float().std().item()
    assert 0.5 * perturb.SHARE < off < 2 * perturb.SHARE
    assert 0.5 * perturb.FRESH < found["b"].float().std().item() < 2 * perturb.FRESH
    assert torch.equal(found["one"], given["one"]) and torch.equal(found["n"], given["n"])
    other = copy(source, tmp_path / "two", monkeypatch, seed=2)
    assert not torch.equal(other["a"], found["a"])
    assert torch.equal(load_file(source / "model.safetensors")["a"], given["a"])
