"""The parts of the learner's choice of a card that can be tried without a card."""

import torch

from azr_trainer import cards, requests
from azr_trainer.logps import chunk_rows


def test_a_card_computes_more_rows_of_the_head_at_once_than_a_processor():
    assert chunk_rows(151_936, "cpu") == 55
    assert chunk_rows(151_936, "cuda") == 256


def test_memory_is_filled_only_where_exactness_is_claimed(monkeypatch):
    flags = torch.utils.deterministic
    before, threads = flags.fill_uninitialized_memory, torch.get_num_threads()
    exact = torch.are_deterministic_algorithms_enabled()
    try:
        assert requests.prepare(1, "cpu") == "cpu"
        assert flags.fill_uninitialized_memory
        monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
        assert requests.prepare(1, "cuda") == "cuda"
        assert not flags.fill_uninitialized_memory
    finally:
        torch.use_deterministic_algorithms(exact)
        torch.set_num_threads(threads)
        flags.fill_uninitialized_memory = before


def test_free_memory_is_read_not_the_size_of_the_card(monkeypatch):
    monkeypatch.setattr(torch.version, "cuda", "13.0")
    monkeypatch.setattr(torch.cuda, "init", lambda: None)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda i: (10 + i, 24))
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda i: f"card {i}")
    found = cards.seen()["cards"]
    assert found[1] == {"name": "card 1", "totalBytes": 24, "freeBytes": 11}


def test_why_no_card_can_be_used_is_told(monkeypatch):
    def fails():
        raise RuntimeError(
            "The NVIDIA driver on your system is too old (found version 12040)\nmore"
        )

    monkeypatch.setattr(torch.version, "cuda", "13.0")
    monkeypatch.setattr(torch.cuda, "init", fails)
    assert cards.seen()["cards"] == []
    assert "too old" in cards.seen()["error"] and "more" not in cards.seen()["error"]
