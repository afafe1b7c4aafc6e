"""The front: what it keeps of one text leaves room for others."""

import tracemalloc

from azr_sandbox import front, screen


def kept_by(act):
    tracemalloc.start()
    try:
        act()
        return tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()


def test_long_texts_are_not_kept():
    front.the_screen = screen.Screen()
    longest = 60_000

    def read():
        for i in range(40):
            front.prepare_input(repr(f"{i}{chr(0x1F600) * longest}"))
            front.compile_program(f"x = {i}\n" + "#" * longest)

    assert kept_by(read) < 1 << 20


def test_short_texts_are_kept():
    front.the_screen = screen.Screen()
    assert front.prepare_input("[1, 2.5]") is front.prepare_input("[1, 2.5]")
    assert front.compile_program("f = len") is front.compile_program("f = len")
