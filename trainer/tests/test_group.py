"""The agreements of processes through their store, and their cards. No process is started here."""

import threading
from datetime import timedelta

import pytest
import torch.distributed as dist

from azr_trainer.ranks import Group, use_card


def group_of(rank: int, store) -> Group:
    """A group without processes: only the part that uses the store."""
    group = object.__new__(Group)
    group.rank, group.size, group.store, group.agreed, group.posted = rank, 2, store, 0, 0
    return group


def test_memory_that_is_short_on_one_process_is_short_for_both(monkeypatch):
    store, found = dist.HashStore(), {}
    shorts = {0: [True, False, False], 1: [False, False, True]}

    def work(rank: int) -> None:
        group = group_of(rank, store)
        found[rank] = [group.is_short(mine) for mine in shorts[rank]]

    threads = [threading.Thread(target=work, args=(rank,)) for rank in shorts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {0: [True, False, True], 1: [True, False, True]}
    assert store.num_keys() == 0
    # The other process waits in the middle of a pass for a part that never comes.
    monkeypatch.setattr("azr_trainer.ranks.ANSWER", timedelta(milliseconds=50))
    with pytest.raises(SystemExit, match="on one process alone"):
        group_of(0, store).is_short(True)


def test_more_processes_than_cards_are_refused_with_the_number_that_there_is(monkeypatch):
    monkeypatch.setattr("torch.cuda.device_count", lambda: 2)
    monkeypatch.setattr("torch.cuda.set_device", lambda number: None)
    use_card("cuda", 1)
    with pytest.raises(SystemExit, match="--trainer.processes=2"):
        use_card("cuda", 2)
