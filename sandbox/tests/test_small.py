"""The small language: which programs are in it, and which changes leave it."""

import ast
import contextlib
import json
import pathlib
import string
import textwrap
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azr_sandbox import arguments, language, small
from azr_sandbox.traits import NOTHING, traits_of

ROOT = pathlib.Path(__file__).parents[2]


def is_in(source):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return small.traits(ast.parse(source)) is not None
        except (SyntaxError, ValueError):
            return False


def f(body, head=""):
    return f"{head}\ndef f(x, y):\n{textwrap.indent(body, '    ')}"


def examples(name):
    """Bodies of `f`, with an empty line between them. The part before `---` comes at the head."""
    text = pathlib.Path(__file__).with_name(name).read_text()
    parts = [block.strip().rpartition("---\n") for block in text.split("\n\n")]
    return [f(body, head) for head, _, body in parts]


@pytest.mark.parametrize("source", examples("inside.txt"))
def test_a_plain_program_lies_in_the_language(source):
    assert is_in(source)


@pytest.mark.parametrize("source", examples("outside.txt"))
def test_a_step_leads_out_of_the_language(source):
    assert not is_in(source)


def test_all_of_the_micro_dialect_lies_in_the_language():
    found = 0
    for path in sorted((ROOT / "models" / "micro" / "suites").glob("*.jsonl")):
        for line in path.read_text().splitlines():
            program = json.loads(line).get("program")
            assert program is None or is_in(program)
            found += program is not None
    assert found > 5000


@pytest.mark.parametrize("source", examples("inside.txt"))
def test_a_program_that_was_not_rewritten_is_compiled_as_its_tree(source):
    tree = ast.parse(source)
    if not small.traits(tree).is_rewritten:
        assert compile(source, "<program>", "exec") == compile(tree, "<program>", "exec")


HEAD = f"from typing import {', '.join(language.KINDS['typing'])}\nimport typing\n"
names = st.sampled_from([*language.TYPES, *language.KINDS["typing"], "None", "'a'", "...", "3"])
notes = st.recursive(
    names | st.just("typing.List"),
    lambda inner: st.one_of(
        st.tuples(names, st.lists(inner, min_size=1, max_size=3)).map(
            lambda pair: f"{pair[0]}[{', '.join(pair[1])}]"
        ),
        st.tuples(inner, inner).map(" | ".join),
    ),
    max_leaves=6,
)


@given(notes)
def test_an_annotation_that_is_let_in_cannot_fail(note):
    source = f"{HEAD}def f(x: {note}) -> {note}:\n    return x\nx: {note} = 1\n"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(source)
        traits = small.traits(tree)
        if traits is None:
            return
        assert traits.is_rewritten
        assert "List" not in ast.unparse(tree.body[2:])
        exec(f"{source}f.__annotations__", {})


def programs_of(name):
    for block in (ROOT / "test" / "fixtures" / "hostile" / name).read_text().split("\n#= ")[1:]:
        name, _, body = block.partition("\n")
        yield (
            name,
            "\n".join(line for line in body.split("\n") if not line.startswith("#% ")),
        )


# Programs in the language that were chosen for what they leave behind, use or cost.
AT_HOME = (
    *(
        "many small cycles",
        "slow just below the slice",
        "slow to clear away",
        "deep to clear away",
    ),
    *("memory that runs out, caught by all", "memory that runs out, hidden by finally"),
    *("memory that runs out, hidden by another", "deep iterators"),
    *("deep to hash", "deep to compare", "memory just below the limit"),
    *("memory that runs out in what clears up",),
    *(
        "memory that runs out, hidden in an inner handler",
        "more patterns than there is room for",
    ),
    *("a library fills its table, seen from the end of the stack",),
    *("a module is loaded, seen from the end of the stack",),
    *("memory that runs out, hidden by the end of the stack",),
    *("a pattern that warns", "a source of another encoding"),
)


def test_no_way_into_a_shared_child_lies_in_the_language():
    found = []
    for name, source in programs_of("sharing.py"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            traits = small.traits(ast.parse(source))
        if traits and traits.goes_with(NOTHING):
            found.append(name)
    assert sorted(found) == sorted(AT_HOME)


@given(st.text(alphabet="{}[]().:!ra0_ ", max_size=12))
def test_a_format_that_is_let_through_reads_no_attribute(text):
    if set("{}") & set(arguments.FIELD.sub("", text)):
        return

    def look(text, depth=0):
        for _, field, spec, _ in string.Formatter().parse(text):
            assert not field or not set(".[") & set(field)
            if spec and depth < 3:
                look(spec, depth + 1)

    with contextlib.suppress(ValueError):
        look(text)


def test_sets_and_floats_do_not_go_together():
    def traits(source):
        return small.traits(ast.parse(source))

    floats, sets = traits(f("return x / y")), traits(f("return set(x)"))
    assert not floats.goes_with(traits_of([{1, 2}]))
    assert not sets.goes_with(traits_of([[{"a": 0.5}]]))
    assert not traits(f("return {x / y}")).goes_with(NOTHING)
    assert not traits(f("return x.keys() - y.keys(), 0.5")).goes_with(NOTHING)
    # Values of a dict hash by their address, as NaN does.
    assert not traits(f("return {x.values()}")).goes_with(NOTHING)
    assert not traits(f("return set(map(dict.values, x))")).goes_with(NOTHING)
    assert not traits(f("x.add(y.values())")).goes_with(traits_of([{1}]))
    assert traits(f("return set(x.values()), max(y.values())")).goes_with(NOTHING)
    assert sets.goes_with(traits_of(["1.5", 2, ("e",)]))
    assert floats.goes_with(traits_of([{"a": [1, 2.5]}]))
