"""What the embedded model is pretrained on is what src/domain/prompts/micro.ts asks and reads: both
are held to test/fixtures/micro-dialect.json."""

import json
from pathlib import Path

import pytest

from azr_micro import examples, tokenizer
from azr_micro.language import Program

FIXTURE = json.loads((Path(__file__).parents[2] / "test/fixtures/micro-dialect.json").read_text())
FORMS = FIXTURE["forms"]
PROGRAM = Program(
    FIXTURE["program"],
    inputs=[[json.loads(text)] for text in FIXTURE["inputs"]],
    outputs=[json.loads(text) for text in FIXTURE["outputs"]],
    traces=[[json.loads(text) for text in FIXTURE["trace"]]] * 4,
)


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


def test_induction_is_the_fixture():
    made = examples.induction(PROGRAM)
    expected = FORMS["induction"]["prompt"] + FORMS["induction"]["completion"] + "<E>"
    assert tokenizer.decode(made.ids) == expected


def test_markers_are_one_token_each():
    for marker in ("<D>", "<B>", "<F>", "<PD>", "<PB>", "<PF>", "<I>", "<R>", "<S>", "<T>", "<A>"):
        assert len(tokenizer.encode(marker)) == 1
