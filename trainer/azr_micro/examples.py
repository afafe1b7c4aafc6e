"""Makes training sequences from programs: the micro dialect's six forms, with a weight per token.

The dialect is defined in domain/prompts/micro.ts. test/fixtures/micro-dialect.json tests both sides
with the same examples.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass

from azr_micro import tokenizer
from azr_micro.language import EASY_LINES, INPUTS, Program, Run, programs
from azr_micro.together import draw_group

# Share of deduction's answers that begin with their working. It is taught often and then shown
# seldom. So the final model can do it, and still answers at once more often.
TAUGHT, SHOWN = 0.5, 0.12
TEACHING = 0.6  # share of the training after which it is shown seldom
# Groups of programs that are worked together, per program, and the same shares of their answers.
TOGETHER, TOGETHER_TAUGHT, TOGETHER_SHOWN = 0.5, 0.8, 0.25
ANSWER, PROPOSAL, INPUT, PROMPT = 1.0, 0.35, 0.12, 0.03


@dataclass
class Example:
    ids: list[int]
    weights: list[float]


def example(*parts: tuple[str, float]) -> Example:
    """Joins texts, each with the loss weight of its tokens."""
    ids: list[int] = []
    weights: list[float] = []
    for text, weight in parts:
        piece = tokenizer.encode(text)
        ids += piece
        weights += [weight] * len(piece)
    return Example(ids, weights)


def deduction(program: Program, i: int, scratch: bool) -> Example:
    prompt = f"<D>{program.text}<I>{program.inputs[i]}<S>"
    trace = "".join(f"{name} = {value};" for name, value in program.traces[i].items())
    thought = f"<T>{trace}" if scratch else ""
    return example((prompt, PROMPT), (f"{thought}<A>{program.outputs[i]}<E>", ANSWER))


def deductions(texts: list[str], runs: tuple[Run, ...], scratch: bool) -> Example:
    """Several programs on one input, worked in the order of their names, and
    answered at the end.
    """
    prompt = f"<D>{'<N>'.join(texts)}<I>{runs[0].input}<S>"
    values = sorted(pair for run in runs for pair in run.trace.items())
    trace = "".join(f"{name} = {value};" for name, value in values)
    thought = f"<T>{trace}" if scratch else ""
    outputs = ";".join(run.output for run in runs)
    return example((prompt, PROMPT), (f"{thought}<A>{outputs}<E>", ANSWER))


def abduction(program: Program, i: int) -> Example:
    prompt = f"<B>{program.text}<R>{program.outputs[i]}<S>"
    return example((prompt, PROMPT), (f"<A>{program.inputs[i]}<E>", ANSWER))


def induction(program: Program) -> Example:
    shown = zip(program.inputs[: INPUTS // 2], program.outputs, strict=False)
    pairs = "".join(f"{i}<R>{o};" for i, o in shown)
    return example((f"<F>{pairs}<S>", PROMPT), (f"<A>{program.text}<E>", ANSWER))


def proposal(form: str, references: list[str], program: Program) -> Example:
    prompt = f"<{form}>{'<N>'.join(references)}<S>"
    written = (program.text, PROPOSAL), (f"<I>{program.inputs[0]}<E>", INPUT)
    return example((prompt, PROMPT), *written)


def inputs_proposal(program: Program) -> Example:
    return example((f"<PF>{program.text}<S>", PROMPT), (";".join(program.inputs) + "<E>", INPUT))


def scratch_share(program: Program, passed: float) -> float:
    """Share of a program's deductions with working, after a share `passed` of the training."""
    # Longer programs are shown with their working more often: there it pays most.
    length = 0.5 + 0.25 * (program.text.count("\n") - 1)
    return min(0.6, (TAUGHT if passed < TEACHING else SHOWN) * length)


def together_share(passed: float) -> float:
    return TOGETHER_TAUGHT if passed < TEACHING else TOGETHER_SHOWN


def stream(rng: random.Random, passed: Callable[[], float] = lambda: 0.0):
    """Endless training examples. Held-out programs never occur, not even as references."""
    reference = None
    for program in programs(rng, EASY_LINES, "train"):
        lines = program.text.count("\n")
        share = scratch_share(program, passed())
        for i in range(2):
            yield deduction(program, i, rng.random() < share)
        yield abduction(program, 2)
        if lines <= 2 or rng.random() < 0.4:
            yield induction(program)
        if rng.random() < 0.4:
            references = [reference] if reference and rng.random() < 0.85 else []
            yield proposal(rng.choice(("PD", "PB")), references, program)
        if rng.random() < 0.25:
            yield inputs_proposal(program)
        if rng.random() < TOGETHER:
            texts, runs_IP = draw_group(rng)
            for runs in runs_IP:
                yield deductions(texts, runs, rng.random() < together_share(passed()))
        reference = program.text
