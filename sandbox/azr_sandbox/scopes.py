"""Whether a program's own variables with names of builtins are its own wherever they appear.

In `def f(list): return list[0]` the name never means the builtin. At the top of a module it would
be the builtin until it is bound. The interpreter's symbol tables tell the two apart.
"""

import symtable


def are_local(text, names):
    """Whether each of these names is a parameter or a variable of a function everywhere."""
    tables = [symtable.symtable(text, "<program>", "exec")]
    for table in tables:
        tables += table.get_children()
        for name in names.intersection(table.get_identifiers()):
            symbol = table.lookup(name)
            if table.get_type() != "function" or not (symbol.is_local() or symbol.is_free()):
                return False
    return True
