"""The embedded model is pretrained on the forms that domain/prompts/micro.ts writes and reads: both
are tested with test/fixtures/micro-dialect.json.
"""

import json
from pathlib import Path

import pytest

from azr_micro import examples, tokenizer
from azr_micro.language import Program, function_of, run_on

FIXTURE = json.loads((Path(__file__).parents[2] / "test/fixtures/micro-dialect.json").read_text())
FORMS = FIXTURE["forms"]
VALUES = [[json.loads(text)] for text in FIXTURE["inputs"]]
FUNCTION = function_of(FIXTURE["program"])
RUNS = [run_on(FUNCTION, arguments) for arguments in VALUES]
PROGRAM = Program(FIXTURE["program"], RUNS)


@pytest.fixture(autouse=True)
def four_inputs(monkeypatch):
    monkeypatch.setattr(examples, "INPUTS", 4)


@pytest.mark.parametrize(
    "made, form, completion",
    [
        (examples.deduction(PROGRAM, 0, False), "deduction", "completion"),
        (examples.deduction(PROGRAM, 0, True), "deduction", "scratch"),
        (examples.abduction(PROGRAM, 0), "abduction", "completion"),
        (
            examples.proposal("PD", [FORMS["proposal"]["reference"]], PROGRAM),
            "proposal",
            "completion",
        ),
        (examples.inputs_proposal(PROGRAM), "inputs", "completion"),
    ],
)
def test_a_form_is_the_fixture(made, form, completion):
    expected = FORMS[form]["prompt"] + FORMS[form][completion] + "<E>"
    assert tokenizer.decode(made.ids) == expected


def test_the_fixture_is_what_the_program_does():
    assert [run.output for run in RUNS] == FIXTURE["outputs"]
    assert RUNS[0].trace == FIXTURE["trace"]


def test_induction_is_the_fixture():
    made = examples.induction(PROGRAM)
    expected = FORMS["induction"]["prompt"] + FORMS["induction"]["completion"] + "<E>"
    assert tokenizer.decode(made.ids) == expected


def test_markers_are_one_token_each():
    for marker in ("<D>", "<B>", "<F>", "<PD>", "<PB>", "<PF>", "<I>", "<R>", "<S>", "<T>", "<A>"):
        assert len(tokenizer.encode(marker)) == 1
