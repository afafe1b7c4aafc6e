/**
 * The hand-written examples at the start of every prompt of the dialect `code`. They are never in a
 * buffer, so nothing is trained on them. All use type hints, because models then call their
 * functions with arguments of the right type.
 */

/** A function, its arguments and its result, as Python text. */
export type Shown = { program: string; input: string; output: string }

/** Functions of several steps, whose values have to be followed. */
export const followed: readonly Shown[] = [
  {
    program:
      'def f(words: list[str], n: int) -> list[str]:\n' +
      '    kept = [w for w in words if len(w) > n]\n' +
      '    return sorted(kept, reverse=True)',
    input: '["a", "bcd", "ef", "gh"], 1',
    output: '["gh", "ef", "bcd"]',
  },
  {
    program:
      'def f(n: int) -> int:\n' +
      '    total = 0\n' +
      '    for i in range(n):\n' +
      '        if i % 3 == 1:\n' +
      '            total += i\n' +
      '    return total',
    input: '8',
    output: '12',
  },
  {
    program:
      'def f(text: str) -> dict[str, int]:\n' +
      '    counts = {}\n' +
      '    for c in text.lower():\n' +
      '        counts[c] = counts.get(c, 0) + 1\n' +
      '    return counts',
    input: '"Abba"',
    output: '{"a": 2, "b": 2}',
  },
  {
    program:
      'def f(a: list[int], b: list[int]) -> int:\n' +
      '    pairs = [x * y for x, y in zip(a, b)]\n' +
      '    return max(pairs) - min(pairs)',
    input: '[1, 2, 3], [4, 0, 2]',
    output: '6',
  },
]

/** Functions whose input has to be worked out backwards. */
export const inverted: readonly Shown[] = [
  {
    program:
      'def f(text: str, k: int) -> str:\n' +
      '    head = text[:k]\n' +
      '    return text[k:] + head[::-1]',
    input: '"planet", 2',
    output: '"anetlp"',
  },
  {
    program:
      'def f(a: list[int]) -> list[int]:\n' +
      '    sums = [a[0]]\n' +
      '    for x in a[1:]:\n' +
      '        sums.append(sums[-1] + x)\n' +
      '    return sums',
    input: '[3, 1, 4]',
    output: '[3, 4, 8]',
  },
  {
    program:
      'def f(a: int, b: int) -> int:\n' +
      '    while b > 0:\n' +
      '        a, b = b, a % b\n' +
      '    return a * 3',
    input: '12, 18',
    output: '18',
  },
  {
    program:
      'def f(names: list[str]) -> str:\n' +
      '    first = [n[0] for n in names]\n' +
      '    return "".join(first).upper()',
    input: '["red", "oak", "sun"]',
    output: '"ROS"',
  },
]

/** A function and several of its pairs. */
export type Paired = {
  program: string
  pairs: readonly (readonly [input: string, output: string])[]
}

export const paired: readonly Paired[] = [
  {
    program: 'def f(a: list[int]) -> int:\n    return sum(x for x in a if x > 0)',
    pairs: [
      ['[1, -2, 3]', '4'],
      ['[]', '0'],
      ['[-5, -1]', '0'],
      ['[10]', '10'],
      ['[2, 2, -9, 4]', '8'],
      ['[-1, 7]', '7'],
    ],
  },
  {
    program: 'def f(text: str, n: int) -> str:\n    return text[:n] * 2',
    pairs: [
      ['"abc", 2', '"abab"'],
      ['"x", 1', '"xx"'],
      ['"hello", 0', '""'],
      ['"hello", 4', '"hellhell"'],
      ['"", 3', '""'],
      ['"ab cd", 3', '"ab ab "'],
    ],
  },
  {
    program:
      'def f(a: int, b: int) -> list[int]:\n' + '    return [i for i in range(a, b) if i % 2 == 0]',
    pairs: [
      ['1, 6', '[2, 4]'],
      ['0, 3', '[0, 2]'],
      ['5, 5', '[]'],
      ['7, 12', '[8, 10]'],
      ['-3, 1', '[-2, 0]'],
      ['9, 2', '[]'],
    ],
  },
]
