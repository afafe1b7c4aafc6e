"""Checks messages from azr before anything is done with them: names, types, ranges.

Covers messages to the learner, requests to the embedded engine and options of commands, all through
`check`. Does not cover checks that need a file or a model.
"""

import argparse
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any


class BadRequest(ValueError):
    """The sender's mistake, in one sentence."""


@dataclass(frozen=True)
class Rule:
    """A condition on a value: in words, and as a test."""

    words: str
    fits: Callable[[Any], bool]


Rules = Mapping[str, Rule]


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_place(value: str) -> bool:
    found = re.fullmatch(r"[^\s:]+:(\d{1,5})", value)
    return found is not None and int(found[1]) <= 65535


def whole(low: int, high: int | None = None) -> Rule:
    words = f"a whole number from {low}" + ("" if high is None else f" to {high}")
    return Rule(words, lambda v: type(v) is int and low <= v and (high is None or v <= high))


def number(low: float = -math.inf, high: float = math.inf) -> Rule:
    """A finite number, within bounds if there are any."""
    bounds = f" from {low}" * (low > -math.inf) + f" to {high}" * (high < math.inf)
    fits = lambda v: is_number(v) and math.isfinite(v) and low <= v <= high
    return Rule(f"a number{bounds}", fits)


def one_of(*names: str) -> Rule:
    return Rule(" or ".join(names), lambda v: type(v) is str and v in names)


def either(*rules: Rule) -> Rule:
    return Rule(" or ".join(r.words for r in rules), lambda v: any(r.fits(v) for r in rules))


def several(rule: Rule) -> Rule:
    return Rule(f"a list, each {rule.words}", lambda v: type(v) is list and all(map(rule.fits, v)))


above_zero = Rule("a number above 0", lambda v: number(0).fits(v) and v != 0)
text = Rule("a text", lambda v: type(v) is str)
path = Rule("a path", lambda v: type(v) is str and v != "")
flag = Rule("true or false", lambda v: type(v) is bool)
nothing = Rule("null", lambda v: v is None)
mapping = Rule("a mapping", lambda v: type(v) is dict)
anything = Rule("anything", lambda _: True)
place = Rule("HOST:PORT", lambda v: type(v) is str and is_place(v))


def check(doing: str, values: Any, needed: Rules, also: Rules = MappingProxyType({})) -> None:
    """Raises BadRequest unless `values` has all of `needed`, only keys of these or `also`, and
    fits.
    """
    if not isinstance(values, dict):
        raise BadRequest(f"Cannot {doing} with {values!r:.80}: it must be a mapping")
    for name, value in values.items():
        rule = needed.get(name) or also.get(name)
        if rule is None:
            names = ", ".join([*needed, *also]) or "none"
            raise BadRequest(f"Cannot {doing} with {name}: known are {names}")
        if not rule.fits(value):
            raise BadRequest(f"Cannot {doing}: {name} must be {rule.words}, not {value!r:.80}")
    if missing := [name for name in needed if name not in values]:
        raise BadRequest(f"Cannot {doing} without {', '.join(missing)}")


def parsed(parser: argparse.ArgumentParser, rules: Rules) -> argparse.Namespace:
    """The command's options. Ends the process with one sentence if one breaks its rule."""
    parser.allow_abbrev = False
    found = parser.parse_args()
    try:
        check("start", {name: getattr(found, name) for name in rules}, rules)
    except BadRequest as error:
        parser.error(str(error))
    return found
