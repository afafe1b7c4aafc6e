/**
 * Neighbours with known answers. Each uses many things that a program next to it may try to change.
 */
export type Known = { program: string; input: string; answer: string }

const circle = `import math
def f(x):
    return [math.floor(math.pi * 1000), math.ceil(math.e * 1000), math.floor(math.tau * x), math.isqrt(99)]`

const texts = `import json
def f(x):
    d = json.loads(json.dumps({'b': [1, x], 'a': None}))
    return json.dumps(d, sort_keys=True), '{:>4}|{!r}'.format(x, 'q'), f'{x:03d}', '%s-%d' % ('a', x)`

const counts = `from collections import Counter, defaultdict, deque, OrderedDict
def f(x):
    c = Counter('mississippi')
    c.update('zz')
    d = defaultdict(list)
    for i, ch in enumerate('abca'):
        d[ch].append(i)
    q = deque([1, 2, 3], maxlen=3)
    q.append(x)
    return c.most_common(2), c.total(), dict(d), list(q), list(OrderedDict.fromkeys('aba'))`

const orders = `import heapq, bisect
from operator import itemgetter
from functools import reduce, cmp_to_key
def f(x):
    h = [5, 1, 4, x]
    heapq.heapify(h)
    pairs = sorted([(2, 'b'), (1, 'z'), (2, 'a')], key=itemgetter(1), reverse=True)
    by = sorted([3, 1, 2], key=cmp_to_key(lambda a, b: b - a))
    return [heapq.heappop(h), heapq.nsmallest(2, h), heapq.nlargest(1, h), bisect.bisect([1, 3], 2), pairs, by,
            list(heapq.merge([1, 4], [2, 3])), reduce(lambda a, b: a * b, [1, 2, x])]`

const builtins = `import statistics, copy, string, itertools
def f(x):
    a = [[1], [2]]
    b = copy.deepcopy(a)
    b[0].append(9)
    return [len('abc'), sum([1, 2]), max(1, 5), min(4, 2), abs(-3), ord('a'), sorted('ba'), list(map(str, [1, x])),
            list(zip('ab', [1, 2])), a, b, statistics.mean([1, 2, 3]), string.ascii_lowercase[:3],
            [k for k, g in itertools.groupby('aab')], list(itertools.accumulate([1, 2, 3])), isinstance(x, int)]`

const deep = `def f(x):
    def down(n):
        return 0 if n == 0 else 1 + down(n - 1)
    found = []
    for n in (100, 800, 3000):
        try:
            found.append(down(n))
        except RecursionError:
            found.append('deep')
    try:
        found.append(len(str(10 ** 4299)))
        found.append(str(10 ** 4300))
    except ValueError:
        found.append('long')
    try:
        found.append({}['k'])
    except KeyError:
        found.append('no key')
    return found`

const patterns = `import re
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)
def f(x):
    pile = re.findall('[a-z]+', 'ab 1 cd')
    m = re.search('(b)(.)', 'abc', re.I)
    try:
        [][x]
    except IndexError:
        told = 'list index out of range'
    return [pile.pop(), pile, re.sub('b', lambda m: m.group() * x, 'abc'), re.split(',', 'a,b'), m.groups(),
            fib(12), x, told, [k.start() for k in re.finditer('a', 'aba')]]`

const large = `def f(x):
    rows = [bytes(10 ** 7) for _ in range(5)]
    return sum(map(len, rows)), len([0] * 10 ** 6)`

const inputs = (program: string, answer: (x: number) => string): Known[] =>
  [2, 3].map(x => ({ program, input: String(x), answer: answer(x) }))

export const known: Known[] = [
  ...inputs(circle, x => `[3141, 2719, ${Math.floor(2 * Math.PI * x)}, 9]`),
  ...inputs(texts, x => `('{"a": null, "b": [1, ${x}]}', "   ${x}|'q'", '00${x}', 'a-${x}')`),
  ...inputs(
    counts,
    x => `([('i', 4), ('s', 4)], 13, {'a': [0, 3], 'b': [1], 'c': [2]}, [2, 3, ${x}], ['a', 'b'])`,
  ),
  ...inputs(
    orders,
    x =>
      `[1, [${x}, 4], [5], 1, [(1, 'z'), (2, 'b'), (2, 'a')], [3, 2, 1], [1, 2, 3, 4], ${2 * x}]`,
  ),
  ...inputs(
    builtins,
    x =>
      `[3, 3, 5, 2, 3, 97, ['a', 'b'], ['1', '${x}'], [('a', 1), ('b', 2)], [[1], [2]], [[1, 9], [2]], 2, 'abc', ['a', 'b'], [1, 3, 6], True]`,
  ),
  ...inputs(
    patterns,
    x =>
      `['cd', ['ab'], 'a${'b'.repeat(x)}c', ['a', 'b'], ('b', 'c'), 144, ${x}, 'list index out of range', [0, 2]]`,
  ),
  ...inputs(deep, () => `[100, 800, 'deep', 4300, 'long', 'no key']`),
  ...inputs(large, () => '(50000000, 1000000)'),
]
