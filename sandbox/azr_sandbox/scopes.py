"""Whether builtins' names that a program has for data of its own are that wherever they stand.

`def f(list): return list[0]` never means the builtin; at the top of a module the same name would be
the builtin until it is bound. The interpreter's own tables of symbols say which is which.
"""

import symtable


def are_local(text, names):
    """Whether each of these names is a parameter or a variable of a function wherever it stands."""
    tables = [symtable.symtable(text, "<program>", "exec")]
    for table in tables:
        tables += table.get_children()
        for name in names.intersection(table.get_identifiers()):
            symbol = table.lookup(name)
            if table.get_type() != "function" or not (symbol.is_local() or symbol.is_free()):
                return False
    return True
