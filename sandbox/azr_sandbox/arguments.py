"""The walk through calls: which arguments are data, are consumed, or are handed over."""

import ast
import re

from azr_sandbox import language
from azr_sandbox.language import TYPES
from azr_sandbox.names import DATA, HANDED, ORDER, kind_of, need
from azr_sandbox.places import Expressions, called

# A field of a format that takes no attribute and no item of its value.
FIELD = re.compile(r"\{\{|\}\}|\{[0-9A-Za-z_]*(?:![rsa])?(?::(?:[^{}]|\{[0-9A-Za-z_]*\})*)?\}")

# Functions that only test whether their argument is true.
TESTS = frozenset(("bool",))


def is_constant(node, kinds):
    return type(node) is ast.Constant and type(node.value) in kinds


class Calls(Expressions):
    def call(self, node, place=DATA):
        func, name = node.func, called(node)
        need(name is not None)
        is_name = type(func) is ast.Name
        sort = self.bound.get(name) if is_name else None
        # The true name of an import, or a name of the program. The true name decides how arguments
        # are taken.
        real = sort[1] if type(sort) is tuple else None if sort else name
        home = sort if is_name else self.home_of(func.value)
        if home == "pattern" or (type(home) is tuple and home[0] == "re"):
            is_special = True
            self.regular(node, real, 0 if home == "pattern" else 1)
        elif real in SPECIAL:
            SPECIAL[real](self, node)
            is_special = True
        else:
            is_special = self.arguments(node, real)
        if is_name:
            self.note_name(name)
            self.calls.append((name, place, is_special, real))
        else:
            self.attribute(func, place)

    def home_of(self, base):
        """The sort of the object whose method is called."""
        if type(base) is ast.Name:
            return self.bound.get(base.id)
        return self.sort_of(base) if type(base) is ast.Call else None

    def arguments(self, node, name):
        """Says whether an argument is an iterator where a function of the program would only take
        data.
        """
        count = len(node.args)
        handed_at = language.HANDED.get(name)
        consumed_at = language.CONSUMES.get(name, ())
        if name in language.LONE and count != 1:
            consumed_at = ()
        is_single = name in language.ONE_ARGUMENT and count == 2
        is_single = is_single and type(node.args[1]) is not ast.Starred
        is_special = False
        for at, argument in enumerate(node.args):
            if type(argument) is ast.Starred:
                self.starred(argument)
                # After a starred argument the positions are unknown.
                handed_at, consumed_at, is_single = None, (), False
            elif at == handed_at:
                is_special = True
                self.handed(argument, is_single)
            elif at in consumed_at:
                is_special = True
                self.consumed(argument)
            elif name in TESTS:
                is_special = True
                self.tested(argument)
            else:
                self.data(argument)
        for keyword in node.keywords:
            if keyword.arg == "key" and name in language.KEYED:
                is_special = True
                # The keys of groups are returned. All other keys are compared and forgotten.
                self.handed(keyword.value, True, HANDED if name == "groupby" else ORDER)
            else:
                self.data(keyword.value)
        return is_special

    def call_text(self, node):
        """`str(x)`: with more than one argument it names a codec."""
        need(len(node.args) < 2 and not node.keywords)
        need(type(node.func) is ast.Name)
        for argument in node.args:
            need(type(argument) is not ast.Starred)
            (self.data if node.func.id == "str" else self.consumed)(argument)

    def regular(self, node, name, before):
        """Calls of `re` or of a pattern: texts, flags, and for `sub` a lambda that is called with
        matches. Without a compiled pattern, the pattern is the first argument.
        """
        for at, argument in enumerate(node.args):
            need(type(argument) is not ast.Starred)
            if name in ("sub", "subn") and at == before and type(argument) is ast.Lambda:
                self.made(argument, "match")
            elif not self.is_flag(argument):
                self.data(argument)
        for keyword in node.keywords:
            if not self.is_flag(keyword.value):
                self.data(keyword.value)

    def is_flag(self, node):
        if type(node) is ast.Name:
            return kind_of(self.bound.get(node.id)) == "flag"
        is_dotted = type(node) is ast.Attribute and type(node.value) is ast.Name
        is_of_re = is_dotted and self.bound.get(node.value.id) == ("re", None)
        return is_of_re and language.KINDS["re"].get(node.attr) == "flag"

    def call_codec(self, node):
        need(type(node.func) is ast.Attribute and len(node.args) < 3)
        given = list(zip(("encoding", "errors"), node.args, strict=False))
        given += [(keyword.arg, keyword.value) for keyword in node.keywords]
        allowed = {"encoding": language.CODECS, "errors": language.HANDLERS}
        for name, one in given:
            need(name in allowed and is_constant(one, (str,)) and one.value in allowed[name])

    def call_lone(self, node):
        """A second argument would be filled with addresses."""
        need(len(node.args) == 1 and not node.keywords and type(node.args[0]) is not ast.Starred)
        self.data(node.args[0])

    def call_format(self, node):
        if type(node.func) is ast.Attribute:
            text = node.func.value
            need(is_constant(text, (str,)) and not set("{}") & set(FIELD.sub("", text.value)))
        self.arguments(node, None)

    def call_isinstance(self, node):
        need(len(node.args) == 2 and not node.keywords)
        self.data(node.args[0])
        self.types(node.args[1])

    def call_defaultdict(self, node):
        """Its default factory is a type, because the text of the result names it."""
        first, *others = node.args or (ast.Constant(None),)
        need(is_constant(first, (type(None),)) or (type(first) is ast.Name and first.id in TYPES))
        self.note_name(getattr(first, "id", None))
        for one in others:
            self.consumed(one)
        for keyword in node.keywords:
            self.data(keyword.value)


SPECIAL = {
    "str": Calls.call_text,
    "bytes": Calls.call_text,
    "encode": Calls.call_codec,
    "decode": Calls.call_codec,
    "format": Calls.call_format,
    "deepcopy": Calls.call_lone,
    "isinstance": Calls.call_isinstance,
    "defaultdict": Calls.call_defaultdict,
}
