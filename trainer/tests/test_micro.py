"""The embedded model's language, held-out suites, tokenizer and folder.

Run with `PYTHONPATH=trainer .venv/bin/python -m pytest trainer/tests/test_micro.py`.
"""

import ast
import itertools
import json
import random
from collections import Counter
from pathlib import Path

import pytest
import torch

from azr_micro import copying, examples, language, network, suites, tokenizer

FOLDER = Path(__file__).parents[2] / "models/micro/suites"
ASCII = "".join(chr(code) for code in range(32, 127))
SLICE = 20_000  # examples of the pretraining stream that are drawn to compare


@pytest.fixture(scope="session")
def rows() -> dict[str, list[dict]]:
    """The suites in the repository, by name."""
    read = lambda name: (FOLDER / f"{name}.jsonl").read_text().splitlines()  # noqa: E731
    return {name: [json.loads(line) for line in read(name)] for name in suites.SUITES}


@pytest.fixture(scope="session")
def prints(rows) -> dict[str, set[str]]:
    return {name: {language.fingerprint(r["program"]) for r in rows[name]} for name in rows}


def programs_in(text: str) -> list[str]:
    """Every program in a training sequence: those given, answered, proposed or shown as a
    reference.
    """
    pieces = text
    for special in tokenizer.SPECIALS:
        pieces = pieces.replace(special, "\0")
    return [piece for piece in pieces.split("\0") if piece.startswith("def ")]


def programs_read(count: int) -> set[str]:
    """The different programs of the first examples that the pretraining's first process reads."""
    texts = (tokenizer.decode(e.ids) for e in examples.stream(random.Random("0/0")))
    return {p for text in itertools.islice(texts, count) for p in programs_in(text)}


@pytest.fixture(scope="session")
def pretraining() -> set[str]:
    return programs_read(SLICE)


def leaks(programs: set[str], prints: dict[str, set[str]]) -> set[str]:
    """Hashes of programs that are also in a suite."""
    return {language.fingerprint(p) for p in programs} & set().union(*prints.values())


def overlaps(prints: dict[str, set[str]]) -> set[str]:
    """Hashes of programs that are in two suites."""
    return set().union(*(a & b for a, b in itertools.combinations(prints.values(), 2)))


def answer(program: str, arguments: str) -> str:
    """The program's result; only ever called with programs of our own suites."""
    namespace: dict = {}
    exec(program, namespace)
    return repr(namespace["f"](*ast.literal_eval(f"({arguments},)")))


def pairs(row: dict) -> list[tuple[str, str]]:
    if row["kind"] == "induction":
        return list(zip(row["inputs"], row["outputs"], strict=True))
    return [(row["input"], row["output"])]


def test_suites_have_the_promised_shape(rows):
    for name, items in rows.items():
        assert Counter(r["kind"] for r in items) == dict.fromkeys(suites.KINDS, suites.ITEMS)
        expected = [f"{name}.{k}.{i:04}" for k in suites.KINDS for i in range(suites.ITEMS)]
        assert [r["id"] for r in items] == expected
        assert all(len(pairs(r)) == (8 if r["kind"] == "induction" else 1) for r in items)


def test_suites_mix_the_line_counts_of_their_level(rows):
    for name, items in rows.items():
        low, high = suites.SUITES[name][0]
        for kind in suites.KINDS:
            lines = Counter(r["program"].count("\n") for r in items if r["kind"] == kind)
            assert set(lines) == set(range(low, high + 1))
            # Few one-line and two-line programs are held out, so there may be too few of those.
            plenty = [lines[n] for n in lines if n > 2]
            assert min(plenty) > 0.25 * suites.ITEMS
            assert max(plenty) < 0.5 * suites.ITEMS


def test_no_program_occurs_twice_within_or_across_suites(rows, prints):
    assert all(len(prints[name]) == len(rows[name]) for name in rows)
    assert not overlaps(prints)


def test_suite_programs_are_of_the_held_out_part(rows):
    for name, items in rows.items():
        assert {language.part(r["program"]) for r in items} == {suites.SUITES[name][1]}


def test_no_program_of_pretraining_is_as_long_as_the_hard_ones(pretraining):
    assert max(p.count("\n") for p in pretraining) == language.EASY_LINES[1]
    assert language.EASY_LINES[1] < language.HARD_LINES[0]


def test_pretraining_slice_holds_no_held_out_program(pretraining, prints):
    assert len(pretraining) > 1000
    assert {language.part(p) for p in pretraining} == {"train"}
    assert not leaks(pretraining, prints)


def test_programs_in_finds_every_program_of_a_sequence():
    text = "<PD>def f(a):\n return a<N>def f(b):\n return b<S>def f(a):\n return -a<I>3<E>"
    assert len(programs_in(text)) == 3


def test_suite_answers_are_what_the_programs_return(rows):
    for row in itertools.chain(*rows.values()):
        for arguments, output in pairs(row):
            assert answer(row["program"], arguments) == output, row["id"]


def test_suites_are_a_function_of_the_seed(rows):
    made = suites.suite("micro-easy", seed=1, items=5)
    assert made == [r for r in rows["micro-easy"] if int(r["id"][-4:]) < 5]
    assert suites.suite("micro-easy", seed=2, items=5) != made


def test_language_stays_in_bounds(rows):
    for row in itertools.chain(*rows.values()):
        assert language.is_live(row["program"])
        for arguments, output in pairs(row):
            values = ast.literal_eval(f"({arguments},)")
            assert all(map(language.in_bounds, [*values, ast.literal_eval(output)]))


@pytest.mark.parametrize("lines", [language.EASY_LINES, language.HARD_LINES])
def test_drawn_programs_stay_in_bounds_line_by_line(lines):
    for program in itertools.islice(language.programs(random.Random(3), lines, "train"), 100):
        assert lines[0] <= program.text.count("\n") <= lines[1]
        assert len(program.inputs) == len(program.outputs) == language.INPUTS
        values = itertools.chain(program.outputs, *(trace.values() for trace in program.traces))
        assert all(language.in_bounds(ast.literal_eval(v)) for v in values)


def test_working_is_taught_often_and_then_shown_seldom():
    program = next(language.programs(random.Random(2), (3, 3), "train"))
    assert examples.scratch_share(program, 0.1) == 0.5
    assert examples.scratch_share(program, 0.9) == pytest.approx(0.12)
    assert examples.together_share(0.1) > 0.5 > examples.together_share(0.9) > 0


def test_in_bounds_refuses_what_lies_outside():
    for value in (200, -200, True, 1.5, "1", [0] * 9, [200]):
        assert not language.in_bounds(value)


def texts_of(row: dict) -> list[str]:
    joined = "".join(f"{i}<R>{o};" for i, o in pairs(row))
    return [row["program"], f"<D>{row['program']}<I>{joined}<S><T><A><E>"]


def test_tokenizer_round_trips_suites_and_ascii(rows):
    texts = [t for row in itertools.chain(*rows.values()) for t in texts_of(row)]
    for text in [*texts, ASCII, ASCII[::-1], *ASCII, "\n\t "]:
        ids = tokenizer.encode(text)
        assert tokenizer.decode(ids) == text
        assert tokenizer.UNK not in ids


def test_tokenizer_marks_what_is_not_ascii():
    assert tokenizer.encode("é") == [tokenizer.UNK]


def test_tokenizers_library_reads_the_same_ids(rows, tmp_path):
    from tokenizers import Tokenizer

    tokenizer.save(tmp_path)
    library = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    texts = [t for row in itertools.chain(*rows.values()) for t in texts_of(row)]
    rng = random.Random(4)
    noise = ["".join(rng.choices(tokenizer.VOCAB[3:], k=30)) for _ in range(500)]
    for text in [*texts, *noise, ASCII, *ASCII, "\n\t ", "a é b"]:
        ids = library.encode(text).ids
        assert ids == tokenizer.encode(text), text
        assert library.decode(ids, skip_special_tokens=False) == tokenizer.decode(ids)


def test_transformers_reads_the_folder_with_the_same_logits(rows, tmp_path):
    from transformers import AutoModelForCausalLM

    torch.manual_seed(5)
    ours = network.fresh().eval()
    for p in ours.parameters():  # norms and biases must count too
        torch.nn.init.normal_(p, mean=float(p.dim() == 1), std=0.1)
    network.save(ours, tmp_path)
    theirs = AutoModelForCausalLM.from_pretrained(tmp_path, dtype=torch.float32).eval()
    ids = torch.tensor([tokenizer.encode(texts_of(rows["micro-hard"][0])[1])])
    with torch.no_grad():
        logits = network.logits(ours, ids)
        assert torch.allclose(logits, theirs(ids).logits, rtol=0, atol=1e-4)
        assert torch.equal(network.logits(network.load(tmp_path), ids), logits)


def test_a_pretraining_that_read_held_out_programs_would_be_noticed(prints, monkeypatch):
    drawn = language.programs
    monkeypatch.setattr(examples, "programs", lambda rng, lines, _part: drawn(rng, lines, "test"))
    seen = programs_read(200)
    assert leaks(seen, prints)
    # Programs that are worked together come from their own hash class.
    assert "test" in {language.part(p) for p in seen}


def test_a_program_in_two_suites_would_be_noticed(rows, prints):
    copied = language.fingerprint(rows["micro-easy"][0]["program"])
    assert overlaps(prints | {"micro-hard": prints["micro-hard"] | {copied}}) == {copied}


def test_copying_is_measured_on_exact_text(monkeypatch):
    given = lambda prompt: prompt.split("<I>")[1].removesuffix("<S><A>")  # noqa: E731
    monkeypatch.setattr(copying, "answer", lambda _network, prompt: given(prompt))
    assert copying.share_copied(None, "the zero task", items=5) == 1
    # The result of two ints is a list, so the bare arguments are not an answer.
    assert copying.share_copied(None, "two ints", items=5) == 0
