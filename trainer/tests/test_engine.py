"""The embedded engine when something fails: every request is answered, and it continues."""

import asyncio
from pathlib import Path

import pytest
import torch

from azr_engine.app import route
from azr_engine.asked import cut_of
from azr_engine.service import BadRequest, Service

MICRO = Path(__file__).parents[2] / "models" / "micro"
BODY = {"prompt": "<D>def f(a):\n return a + 3<I>4<S>", "ignore_eos": True}


def held(scenario, slots=4):
    """Runs `scenario(service)` with a started engine."""

    async def run():
        service = Service(MICRO, slots, 128)
        service.start()
        return await asyncio.wait_for(scenario(service), 60)

    return asyncio.run(run())


def submitted(service, tokens, is_stopped=None):
    [ids] = service.prompts(BODY["prompt"])
    request = service.request({**BODY, "max_tokens": tokens}, ids, 0)
    request.is_stopped = is_stopped
    return service.submit(request)


def broken(ids):
    raise TypeError("broken")


def broken_later(ids):
    return len(ids) > 2 and broken(ids)


@pytest.mark.parametrize("stop", [1, [1], [["a"]], {"a": 1}, ["a", None]])
def test_stops_that_are_no_texts_are_refused(stop):
    with pytest.raises(BadRequest, match="stop must be"):
        held(lambda service: service.complete({**BODY, "stop": stop}))


@pytest.mark.parametrize("end", [1, {}, {"end_text": "", "end_count": 1}, {"end_text": ";"}])
def test_an_end_by_count_that_is_none_is_refused(end):
    with pytest.raises(BadRequest, match="vllm_xargs must be"):
        held(lambda service: service.complete({**BODY, "vllm_xargs": end}))


@pytest.mark.parametrize(
    ("text", "count", "found"), [("1;2;3", 2, 3), ("1;2;3", 3, None), ("1;2;3;", 3, 5)]
)
def test_a_text_is_cut_at_its_end_by_count(text, count, found):
    assert cut_of({"vllm_xargs": {"end_text": ";", "end_count": count}}, text) == found
    assert cut_of({"vllm_xargs": {"end_text": ";", "end_count": count}, "stop": ["2"]}, text) == 2


@pytest.mark.parametrize("breaks", [broken, broken_later])
def test_a_turn_that_fails_leaves_no_request_without_an_answer(breaks):
    async def scenario(service):
        await asyncio.wrap_future(service.scheduler.pause())
        asked = [(1, None), (100, None), (100, breaks), (1, None), (9, None), (9, None)]
        futures = [submitted(service, *one) for one in asked]
        service.scheduler.resume()
        answers = await asyncio.gather(*futures, return_exceptions=True)
        again = await service.complete({**BODY, "max_tokens": 3})
        return answers, again

    answers, again = held(scenario)
    failed = [isinstance(one, RuntimeError) for one in answers]
    assert failed[:3] == [False, True, True]
    assert "TypeError: broken" in str(answers[2])
    assert len(answers[0].ids) == len(answers[3].ids) == 1
    assert len(again["choices"][0]["token_ids"]) == 3


def test_a_first_token_that_fails_is_told_where_the_prompt_is_known():
    async def scenario(service):
        await service.complete({**BODY, "max_tokens": 1})
        return await asyncio.gather(submitted(service, 9, broken), return_exceptions=True)

    [answer] = held(scenario)
    assert "TypeError: broken" in str(answer)


@pytest.mark.parametrize("more", [{"max_tokens": 3}, {"max_tokens": 0, "echo": True}])
def test_weights_that_give_no_number_are_an_error(more):
    async def scenario(service):
        service.scheduler.runner.logits = lambda hidden: torch.full((len(hidden), 300), torch.nan)
        return await service.complete({**BODY, **more})

    with pytest.raises((RuntimeError, ArithmeticError), match="log-probability is not finite"):
        held(scenario)


def test_tokens_are_counted_while_no_answer_is_whole():
    async def scenario(service):
        await service.complete({**BODY, "max_tokens": 3, "n": 2})
        return await route(service, "GET", "/metrics", {}, b"")

    assert held(scenario) == (200, "vllm:generation_tokens_total 6\n")


def asked_all(scenario):
    """Completions of many requests at once, some of which share a prompt."""

    async def all_at_once(service):
        scenario(service)
        prompt = BODY["prompt"]
        bodies = [
            {
                "prompt": prompt * (1 + i % 4),
                "seed": i,
                "n": 1 + i % 3,
                "max_tokens": 3 + 7 * (i % 5),
            }
            for i in range(24)
        ]
        return await asyncio.gather(*map(service.complete, bodies))

    return held(all_at_once, 20)


def test_answers_are_the_same_however_many_rows_a_step_has():
    """If a product's bits depend on its number of rows, a step has all slots and no prompts."""
    sizes = []

    def watched(service):
        runner = service.scheduler.runner
        assert runner.is_free
        forward = runner.forward
        runner.forward = lambda ids, *more: sizes.append(len(ids)) or forward(ids, *more)

    def bound(service):
        watched(service)
        service.scheduler.runner.is_free = False

    free = asked_all(watched)
    assert len({size for size in sizes if size % 16}) > 1
    sizes.clear()
    assert asked_all(bound) == free
    prompts = {16, 32, 48, 64, 80, 96}
    assert set(sizes) - prompts == {20}


def test_rows_that_change_with_their_number_are_noticed(monkeypatch):
    from azr_engine import runner
    from azr_trainer.weights import load_model

    real = runner.normal
    monkeypatch.setattr(
        runner, "normal", lambda x, norm: real(x, norm) * (1 + 1e-6 * (len(x) > 64))
    )
    assert not runner.Runner(load_model(MICRO), 64, 128).is_free


def test_a_seat_that_moves_goes_on_as_it_was():
    async def scenario(service):
        short = [{**BODY, "seed": i, "max_tokens": 2} for i in range(16)]
        long = {**BODY, "seed": 99, "max_tokens": 60}
        moved = []
        move = service.scheduler.runner.move
        service.scheduler.runner.move = lambda *one: moved.append(one) or move(*one)
        *_, beside = await asyncio.gather(*map(service.complete, [*short, long]))
        assert moved
        return beside, await service.complete(long)

    beside, alone = held(scenario, 20)
    assert beside == alone


def test_a_text_is_told_in_the_ids_of_a_prompt():
    async def scenario(service):
        [ids] = service.prompts("def f(a):")
        return ids, service.encode("def f(a):")

    ids, told = held(scenario)
    assert told["tokens"] == ids and told["count"] == len(ids)


@pytest.mark.parametrize("keeps", [False, True])
def test_a_stop_text_is_cut_off_or_kept(keeps):
    async def scenario(service):
        body = {**BODY, "max_tokens": 20, "temperature": 0}
        [whole] = (await service.complete(body))["choices"]
        stop = whole["text"][1:3]
        more = {"stop": stop, "include_stop_str_in_output": keeps}
        [cut] = (await service.complete({**body, **more}))["choices"]
        return whole["text"], stop, cut["text"]

    whole, stop, cut = held(scenario)
    assert cut == whole[: whole.index(stop) + keeps * len(stop)]
