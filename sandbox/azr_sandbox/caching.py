"""Caches results by text, as the texts of programs and inputs repeat."""

import functools

# Longer texts are not cached. A cache full of them would leave no memory for others.
MAX_CACHED = 4096


def cached(count):
    """Keeps the results for this many texts."""

    def decorate(function):
        keep = functools.lru_cache(maxsize=count)(function)

        @functools.wraps(function)
        def call(text):
            return (keep if len(text) <= MAX_CACHED else function)(text)

        return call

    return decorate
