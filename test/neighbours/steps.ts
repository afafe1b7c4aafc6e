/**
 * Steps out of the small language: a program of it, changed in one place so that it may reach
 * shared state. If accepted, most of these do harm, which shows that the hunt finds it.
 */
import { stream } from '../../domain/rng.ts'
import type { Drawn } from './grammar.ts'
import type { Words } from './words.ts'

/**
 * Lines for the start of a program. Each tries to change something that neighbours rely on: names,
 * attributes, classes, decorators, exceptions, annotations, frames, modules, memory.
 */
const harms = [
  'import math\nmath.pi = 3',
  'import math\nsetattr(math, "floor", len)',
  'import builtins\nbuiltins.len = lambda _: 7',
  'import json\njson.dumps = lambda *_, **__: "forged"',
  '__builtins__.sorted = lambda *_, **__: ["forged"]',
  '__builtins__.__dict__["sum"] = lambda *_: 7',
  'import collections\ncollections.Counter.most_common = lambda *_: "forged"',
  'from collections import Counter as C\nC.update = lambda *_, **__: None',
  'from heapq import merge as self\nself.__code__ = (lambda *_, **__: iter(["forged"])).__code__',
  't = type\nt.__call__',
  'g = globals\ng()["__builtins__"].abs = lambda _: 7',
  'import sys\nsys.setrecursionlimit(60)',
  'import sys\nsys.set_int_max_str_digits(640)',
  'import sys\nsys.modules["math"].sqrt = len',
  'import gc\n[o.clear() for o in gc.get_objects() if type(o) is list and len(o) > 3]',
  'import statistics\nstatistics.mean.__code__ = (lambda data: 7).__code__',
  'from string import *\nimport string\nstring.ascii_lowercase = "forged"',
  'import heapq\nheapq.nsmallest.__defaults__ = (len,)',
  'import copy\ncopy._deepcopy_dispatch[list] = lambda *_: "forged"',
  'import copy\n@copy._deepcopy_dispatch.setdefault\nclass A: pass',
  'import json\n@json.JSONEncoder.__init__.__kwdefaults__.update\ndef g(): pass',
  'import json\njson._default_encoder.default = len\njson._default_encoder.item_separator = "/"',
  'import itertools\nimport functools\nfunctools.reduce.__self__',
  'try:\n    (1).nothing\nexcept AttributeError as e:\n    type(e).__doc__ = "forged"',
  'import math\ntry:\n    math.nothing\nexcept AttributeError as e:\n    e.obj.pi = 3',
  'import json\ntry:\n    json.nothing\nexcept AttributeError as e:\n    e.obj.loads = len',
  'import collections\ndef g(x: collections.Counter.__dict__): pass\ncollections.Counter.total = len',
  "import typing\n\ndef g(x: \"__import__('math').__setattr__('pi', 3)\"): pass\ntyping.get_type_hints(g)",
  'x1: __import__("math").__setattr__("pi", 3) = 1',
  'class D(dict):\n    def __missing__(self, key):\n        import math\n        math.pi = 3\n        return key\n"abc".translate(D())',
  'class K:\n    def __init__(self, *_):\n        import math\n        math.pi = 3\n    def __lt__(self, _):\n        return True\nsorted([1, 2], key=K)',
  'def g():\n    try:\n        yield 1\n    finally:\n        import math\n        math.pi = 3\nh = g()\nnext(h)\ndel h',
  'def g():\n    yield 1\nk = g()\nk.gi_frame.f_builtins["len"] = lambda _: 7',
  'try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    e.__traceback__.tb_frame.f_builtins["max"] = min',
  'try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    e.__traceback__.tb_frame.f_back.f_back.f_locals["held"].clear()',
  '(lambda: 0).__globals__["__builtins__"].ord = len',
  'import operator\noperator.attrgetter("__setattr__")',
  'from functools import partial\nimport math\npartial(setattr, math, "pi", 3)()',
  'from functools import update_wrapper\nimport math\nupdate_wrapper(math, type("A", (), {"pi": 3}), ["pi"], [])',
  'from enum import Enum\nimport math\nEnum.__setattr__ if 0 else object.__setattr__',
  'import decimal\ndecimal.getcontext().prec = 3\nimport math\nmath.__dict__["e"] = 3',
  'import random\nrandom.seed(1)\nimport math\nvars(math)["tau"] = 3',
  'with __import__("contextlib").suppress(Exception):\n    __import__("math").pi = 3',
  'exec("import math\\nmath.pi = 3")',
  "eval(\"__import__('math').__setattr__('pi', 3)\")",
  '"{0.__class__}".format(1)\nimport math\nmath.pi = 3',
  'import warnings\nwarnings.simplefilter("error")\nimport math\nmath.pi = 3',
  'import math\nfor math.pi in [3]: pass',
  'import math\n[math.pi for math.pi in [3]]',
  'import math\n(math).pi = 3',
  'import ｍａｔｈ\nｍａｔｈ.pi = 3',
  '_＿builtins__.len = lambda _: 7',
  'import math as g\ndel g.pi',
  'match 1:\n    case int(real=r):\n        import math\n        math.pi = r + 2',
  'import os\nos._exit(0)',
  'import time\ntime.sleep(0.2)',
  'import ctypes\nctypes.string_at(0)',
  'open("/dev/null", "w")',
  'import re\nre.sub = lambda *_, **__: "forged"',
  'import re\nre.findall.__code__ = (lambda *_, **__: ["forged"]).__code__',
  'import re\nre._cache.clear()\nre._MAXCACHE = -1\nre._compile = lambda *_: [].sort',
  'class Pile:\n    def __init__(self, x=0):\n        self.__class__.__mro__[-1].__subclasses__()\n        import re\n        re.sub = len\nPile()',
  'class Pile:\n    def __del__(self):\n        import math\n        math.pi = 3\nPile()',
  'class Pile:\n    def __getattr__(self, name):\n        import math\n        math.pi = 3\nPile().x',
  'class Pile:\n    def up(k):\n        k.pi = 3\nimport math\nPile.up(math)',
  'from fractions import Fraction\nFraction.__add__ = Fraction.__mul__ = lambda *_: 7',
  'from functools import lru_cache\nimport math\n@lru_cache\ndef g(m):\n    m.pi = 3\ng(math)',
  'import math\nclass A:\n    global math\n    math.pi = 3',
  'list = 3\nsum = max\nimport builtins\nbuiltins.fib = builtins.re = None\nbuiltins.list = tuple',
  'async def g():\n    pass\ng().cr_frame.f_builtins["min"] = max',
  'import copyreg\ncopyreg.pickle(dict, lambda d: (dict, ()))',
  'import codecs\ncodecs.register_error("strict", lambda e: ("", e.end))',
  'import encodings\nencodings._cache.clear()',
  'import warnings\nwarnings.filters.clear()',
  'import typing\ntyping.List._inst = 3',
  'import typing\n[one() for one in typing._cleanups]\ntyping._cleanups.clear()',
  'import decimal\ndecimal.DefaultContext.prec = 1',
  'import contextvars\nv1 = contextvars.ContextVar("v")\nv1.set(3)',
  'import numbers\nnumbers.Number.register(str)',
  'import collections.abc\ncollections.abc.Mapping.register(list)',
  'from json import encoder\nencoder.ESCAPE_DCT["a"] = "b"',
  'import string\nstring.Template.delimiter = "!"',
  'import statistics\nstatistics.mean.__defaults__ = (1,)',
  'from functools import lru_cache\nlru_cache.__wrapped__ = 3',
  'def g(a: __import__("math").__setattr__("pi", 3)): pass',
  'class Pile:\n    items = []\nPile.items.append(1)\nimport builtins\nbuiltins.Pile = Pile',
  'type A = int\nimport math\nmath.pi = 3',
  'def g[T](a: T): pass\nimport math\nmath.pi = 3',
]

/** Words that the language does not have, or not in these places. */
const strange = [
  'type',
  'getattr',
  'setattr',
  'globals',
  'vars',
  'eval',
  'exec',
  'open',
  'id',
  'hash',
  'super',
  'object',
  '__builtins__',
  '__import__',
  '__class__',
  '__dict__',
  'gi_frame',
  'mro',
  'obj',
  'as',
  'class',
  'lambda',
  'yield',
  'await',
  'finally',
  'global',
  'import',
  'math',
  'self',
  'self.items',
  'Thing',
  'match',
  'group',
  'error',
  'finally:',
  '__init__',
  'len',
  'f',
  'x',
  'except',
  'Exception',
  'MemoryError',
  'print',
  '*',
  '**',
  '@',
  ':=',
  '.',
  '=',
  'is',
  'in',
  ',',
] // prettier-ignore

const tokens = /\s*(?:\w+|'[^'\n]*'|\*\*|:=|[^\w\s])/g

/** The program with one word removed, doubled or replaced. */
function scramble(program: string, rng: ReturnType<typeof stream>): string {
  const found = program.match(tokens) ?? []
  const at = rng.int(found.length)
  const space = /^\s*/.exec(found[at] ?? '')?.[0] ?? ''
  const other = strange[rng.int(strange.length)]
  const changed = [
    [],
    [found[at], ` ${other}`],
    [`${space}${other}`],
    [`${space}${found[rng.int(found.length)]?.trim()}`],
  ]
  found.splice(at, 1, ...(changed[rng.int(changed.length)] as string[]))
  return found.join('')
}

/** Every name that the language lists, with the module's name before it if there is one. */
function namesOf({ builtins, modules, methods, iteratorMethods }: Words): string[] {
  const dotted = Object.entries(modules).flatMap(([module, names]) =>
    Object.keys(names).map(name => `${module}.${name}`),
  )
  return [...Object.keys(builtins), ...methods, ...iteratorMethods, ...dotted]
}

/** The program with one listed name replaced by another, to test every name in every place. */
function swap(program: string, rng: ReturnType<typeof stream>, words: Words): string {
  const names = namesOf(words)
  const known = new Set(names)
  const places = [...program.matchAll(/(?<!['"\w.])[a-z]\w*(?:\.[a-z]\w*)?(?=[(,)])/g)].filter(
    ([name]) => known.has(name),
  )
  const place = places[rng.int(places.length)]
  const other = names[rng.int(names.length)] as string
  if (!place) return program
  const [module] = other.split('.')
  const head = other.includes('.') ? `import ${module}\n` : ''
  return `${head}${program.slice(0, place.index)}${other}${program.slice(place.index + place[0].length)}`
}

/** A program that is just outside the language, or just inside. The same for the same seed. */
export function stepOut(
  { program, input }: Drawn,
  seed: number,
  number: number,
  words: Words,
): Drawn {
  const rng = stream(seed, 'step out', number)
  const which = rng.next()
  if (which < 0.25) return { program: scramble(program, rng), input }
  if (which < 0.6) return { program: swap(program, rng, words), input }
  const harm = harms[rng.int(harms.length)] as string
  if (which < 0.8) return { program: `${harm}\n${program}`, input }
  // Do the same harm when the function is called.
  const lines = harm.split('\n').map(line => `    ${line}`)
  return { program: program.replace(/^def f\(x, y\):$/m, `$&\n${lines.join('\n')}`), input }
}
