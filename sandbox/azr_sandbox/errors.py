"""The walk through what is raised and caught.

No program may see that memory or stack ran out, because that would tell it about its neighbours:
first uses take more of both. If a handler would catch that too, or `finally` runs in spite of it,
our earlier handler ends the child (child.py), and the program runs again alone. There our
handler catches nothing.
"""

import ast

from azr_sandbox import language
from azr_sandbox.arguments import Calls
from azr_sandbox.child import END, MEMORY
from azr_sandbox.names import need


def guard():
    call = ast.Call(ast.Name(END, ast.Load()), [], [])
    return ast.ExceptHandler(ast.Name(MEMORY, ast.Load()), None, [ast.Expr(call)])


def mention(tree):
    """The names of a module are found in its code, so that a child knows what to define."""
    tree.body.append(ast.Expr(ast.Name(MEMORY, ast.Load())))
    ast.fix_missing_locations(tree)


class Errors(Calls):
    def __init__(self):
        super().__init__()
        self.is_guarded = False
        # The number of guarded statements around the current one.
        self.guarded = 0

    def attempt(self, node):
        is_broad = any(self.catches_all(handler.type) for handler in node.handlers)
        is_guarded = is_broad or bool(node.finalbody)
        self.is_guarded |= is_guarded
        self.guarded += is_guarded
        self.body(node.body)
        for handler in node.handlers:
            need(handler.name is None)
            self.body(handler.body)
        self.body(node.orelse)
        self.body(node.finalbody)
        self.guarded -= is_guarded
        if is_broad:
            node.handlers.insert(0, guard())
        if node.finalbody:
            # This also covers errors that the handlers raise.
            inner = ast.Try(node.body, node.handlers, node.orelse, [])
            node.body = [inner] if node.handlers else node.body
            node.handlers, node.orelse = [guard()], []

    def catches_all(self, node):
        if node is None:
            return True
        kinds = node.elts if type(node) is ast.Tuple else [node]
        for one in kinds:
            self.raised(one)
        return any(one.id not in language.CATCHABLE for one in kinds)

    def raised(self, node):
        """A listed class, under a name that the program uses for nothing else. A value that is not
        a class would raise another error when a generator is closed, and so run a handler there.
        """
        need(type(node) is ast.Name)
        self.uses.append((node.id, "raised"))

    def throw(self, node):
        error, cause = node.exc, node.cause
        need(cause is None or (type(cause) is ast.Constant and cause.value is None))
        if type(error) is ast.Call:
            need(not error.keywords)
            for argument in error.args:
                self.data(argument)
            error = error.func
        if error is not None:
            self.raised(error)
