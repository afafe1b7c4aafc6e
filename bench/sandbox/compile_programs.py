"""Compiles the programs for the rows that use compiled code.

    compile_programs.py

Writes marshal frames to standard output, eight per program: (code, positional arguments), both
marshalled, each after a length of 4 bytes.
"""

import ast
import json
import marshal
import pathlib
import sys

PROGRAMS = pathlib.Path(__file__).with_name("programs.jsonl")


def main():
    for line in PROGRAMS.read_text().splitlines():
        record = json.loads(line)
        code = marshal.dumps(compile(record["program"], "<program>", "exec"))
        for text in record["inputs"]:
            arguments = marshal.dumps(ast.literal_eval(f"({text},)"))
            body = marshal.dumps((code, arguments))
            sys.stdout.buffer.write(len(body).to_bytes(4, "little") + body)


main()
