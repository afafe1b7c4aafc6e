"""Several programs that are worked together, from which pretraining teaches long working.

Run with `PYTHONPATH=trainer .venv/bin/python -m pytest trainer/tests/test_together.py`.
"""

import itertools
import random

from azr_micro import drawing, examples, language, tokenizer
from azr_micro.together import draw_group, draw_shares

GROUPS = 200


def groups(count: int = GROUPS):
    rng = random.Random(8)
    return [draw_group(rng) for _ in range(count)]


def test_no_program_of_a_group_is_longer_than_pretraining_s_or_held_out():
    for text in itertools.chain(*(texts for texts, _ in groups())):
        assert text.count("\n") <= language.EASY_LINES[1] < language.HARD_LINES[0]
        assert language.is_live(text)
        assert language.part(text) == "train"


def test_a_program_of_a_group_reads_no_name_of_another():
    for texts, _ in groups():
        names = [set(language.WORD.findall(text)) - {"a", "b"} for text in texts]
        assert all(not a & b for a, b in itertools.combinations(names, 2))
        written = sorted(set().union(*names))
        assert "".join(written) in drawing.NAMES


def test_what_a_group_shows_is_what_its_programs_do():
    for texts, runs_IP in groups():
        for runs in runs_IP:
            assert len({run.input for run in runs}) == 1
            for text, run in zip(texts, runs, strict=True):
                output, trace = eval(f"f({run.input})", {"f": language.function_of(text)})
                assert repr(output) == run.output
                assert {name: repr(value) for name, value in trace.items()} == run.trace


def test_working_goes_on_after_three_values_and_stops_by_no_count():
    shares = [draw_shares(rng) for rng in map(random.Random, range(300))]
    assert {sum(map(len, share)) for share in shares} == set(range(2, 9))
    assert max(len(names) for share in shares for names in share) == language.EASY_LINES[1] - 1


def test_names_are_dealt_out_in_order_and_mixed():
    shares = [draw_shares(rng) for rng in map(random.Random, range(300))]
    in_order = [list("".join(share)) == sorted("".join(share)) for share in shares]
    assert 0.4 < sum(in_order) / len(in_order) < 0.8


def test_a_group_is_worked_by_the_order_of_its_names_and_answered_at_the_end():
    texts = ["def f(a):\n s = a + 1\n u = s + 1\n return u + a", "def f(a):\n t = a * 2\n return t"]
    runs = tuple(language.run_on(language.function_of(text), [3]) for text in texts)
    prompt = f"<D>{texts[0]}<N>{texts[1]}<I>3<S>"
    worked = examples.deductions(texts, runs, True)
    assert tokenizer.decode(worked.ids) == prompt + "<T>s = 4;t = 6;u = 5;<A>8;6<E>"
    at_once = examples.deductions(texts, runs, False)
    assert tokenizer.decode(at_once.ids) == prompt + "<A>8;6<E>"
