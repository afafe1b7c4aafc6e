/**
 * The parts of expressions in the small language: literals of each kind, and calls that return one.
 */
export const kinds = ['int', 'float', 'str', 'list', 'words', 'dict', 'set', 'bool'] as const
export type Kind = (typeof kinds)[number]

export const literals: Record<Kind, readonly string[]> = {
  int: ['0', '1', '-1', '2', '3', '7', '10', '255', '10 ** 20', '2 ** 70', 'True'],
  float: ['0.5', '-1.5', '1e308', '2.0', '0.1'],
  str: ["''", "'a'", "'abc'", "'The quick fox'", "'1 2 3'", "'é€😀'", "'a,b,c'", "'12'"],
  list: ['[]', '[1]', '[3, 1, 2]', '[0, 0, 5]', '[-1, 4, 4, 9]', 'list(range(6))'],
  words: ["['a']", "['pear', 'fig', 'apple']", "['b', 'B', 'a']", "'x y z'.split()"],
  dict: ['{}', "{'a': 1}", "{'b': 2, 'a': 1}", "{1: 'x', 2: 'y'}", "{'k': [1, 2]}"],
  set: ['{1, 2, 3}', 'set()', 'frozenset([1, 2])', "{'a'}"],
  bool: ['True', 'False', 'None', '1 < 2'],
}

export const makes: Record<string, string[]> = {
  set: ['set', 'frozenset'],
  float: ['float', 'complex', 'math', 'statistics', 'loads', 'truediv', 'pow', 'fromhex'],
}

export const patterns = [
  "r'[aeiou]+'",
  "r'(\\w)(\\w)'",
  "r'^\\s*'",
  "'a|b'",
  "r'\\d{1,3}'",
  "'('",
  "r'(?i)A'",
]

/** Names that need arguments of a special form, or return more than the limit. */
export const asksForMore = new Set([
  ...['encode', 'decode', 'format', 'isinstance', 'str', 'bytes', 'defaultdict', 'next', 'reduce'],
  ...['pow', 'factorial', 'perm', 'comb', 'zfill', 'center', 'ljust', 'rjust'],
])
