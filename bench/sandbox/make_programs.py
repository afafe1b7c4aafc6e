"""Writes programs.jsonl: 200 programs, each with eight inputs. The same file every time.

python3 bench/sandbox/make_programs.py
"""

import json
import pathlib
import random

HERE = pathlib.Path(__file__).parent
NAMES = ["numbers", "data", "text", "items", "values", "s", "arr", "x", "records", "words_in"]


def letters(rng, size):
    return "".join(rng.choice("abcdefghij") for _ in range(size))


KINDS = {
    "ints": lambda rng: [rng.randint(-20, 50) for _ in range(8)],
    "word": lambda rng: letters(rng, 8),
    "words": lambda rng: [letters(rng, rng.randint(3, 7)) for _ in range(5)],
    "number": lambda rng: rng.randint(1, 60),
    "pairs": lambda rng: [(rng.randint(0, 9), rng.randint(0, 9)) for _ in range(5)],
    "grid": lambda rng: [[rng.randint(0, 9) for _ in range(4)] for _ in range(4)],
    "scores": lambda rng: {f"k{i}": rng.randint(0, 30) for i in range(5)},
}


def read_families():
    """(types of the arguments, template) of each."""
    _, *parts = (HERE / "families.txt").read_text().split("==== ")
    for part in parts:
        kinds, _, template = part.partition("\n")
        yield [KINDS[kind] for kind in kinds.split()], template


def variant(template, rng):
    first, second = rng.sample(NAMES, 2)
    places = {
        "a": str(rng.randint(2, 4)),
        "b": str(rng.randint(2, 5)),
        "c": str(rng.randint(11, 40)),
        "n": first,
        "m": second,
        "w": rng.choice(["g", "h", "i"]),
    }
    for name, text in places.items():
        template = template.replace(f"${name}", text)
    return template


def main():
    rng = random.Random(6)
    lines = []
    for kinds, template in read_families():
        for _ in range(4):
            inputs = [", ".join(repr(kind(rng)) for kind in kinds) for _ in range(8)]
            lines.append(json.dumps({"program": variant(template, rng), "inputs": inputs}))
    (HERE / "programs.jsonl").write_text("\n".join(lines) + "\n")
    sizes = [len(json.loads(line)["program"]) for line in lines]
    print(f"{len(lines)} programs, {sum(sizes) / len(sizes):.0f} characters on average")


if __name__ == "__main__":
    main()
