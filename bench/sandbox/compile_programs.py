"""Compiles the workload for the rows that are given compiled code.

compile_programs.py      writes marshal frames to standard output: (code, positional arguments),
                         both marshalled, each behind a length of 4 bytes; eight for a program
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
