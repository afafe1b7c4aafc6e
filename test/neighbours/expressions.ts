/** Draws expressions of the small language: values of every kind, mostly where they are allowed. */
import type { Rng } from '../../domain/rng.ts'
import { asksForMore, type Kind, kinds, literals, makes, patterns } from './values.ts'
import type { Words } from './words.ts'

export class Expressions {
  readonly rng: Rng
  readonly words: Words
  names: Record<Kind, string[]> = Object.fromEntries(kinds.map(kind => [kind, []])) as never
  functions: string[] = []
  generators: string[] = []
  imports = new Set<string>()
  /** Programs with both sets and floats run alone, so most programs get only one of them. */
  readonly kinds: readonly Kind[]
  readonly isLeftOut: (name: string) => boolean
  count = 0
  depth = 0

  constructor(rng: Rng, words: Words) {
    this.rng = rng
    this.words = words
    const without = this.one(['set', 'float', 'set', 'float', 'neither'])
    this.kinds = kinds.filter(kind => kind !== without)
    this.isLeftOut = name => makes[without]?.includes(name) ?? false
  }

  one<T>(items: readonly T[]): T {
    return items[this.rng.int(items.length)] as T
  }
  often(share: number): boolean {
    return this.rng.next() < share
  }
  name(): string {
    this.count += 1
    return `${this.one(['v', 'item', 'acc', 'n', 'word', 'seen'])}${this.count}`
  }
  kind(): Kind {
    return this.one(this.kinds)
  }

  /** An expression that mostly has this kind. */
  data(kind: Kind = this.kind()): string {
    const known = this.names[kind]
    if (this.depth > 3 || this.often(0.25)) {
      return known.length > 0 && this.often(0.7) ? this.one(known) : this.one(literals[kind])
    }
    this.depth += 1
    const found = this.made(kind)
    this.depth -= 1
    return found
  }

  private made(kind: Kind): string {
    const [a, b] = [() => this.data(kind), () => this.data('int')]
    switch (kind) {
      case 'int':
        return this.one([
          () => `${a()} ${this.one(['+', '-', '*', '//', '%', '&', '|', '^'])} ${a()}`,
          () => `(${a()} if ${this.data('bool')} else ${a()})`,
          () => `len(${this.data()})`,
          () => `${this.one(['sum', 'max', 'min'])}(${this.iterable('list')})`,
          () => `${this.data('list')}[${b()}]`,
          () => `${this.data('str')}.${this.one(['count', 'find', 'index'])}(${this.data('str')})`,
          () => `ord(${this.one(["'a'", "'é'"])})`,
          () => `-abs(${a()})`,
        ])()
      case 'float':
        return this.one([
          () => `${this.data('int')} / ${this.data('int')}`,
          () => `round(${a()}, ${b()})`,
          () => `${a()} ${this.one(['+', '-', '*', '**'])} ${this.one([a, b])()}`,
          () => `float(${this.one([() => this.data('int'), () => "'nan'", () => "'inf'"])()})`,
        ])()
      case 'str':
        return this.one([
          () => `${a()} + ${a()}`,
          () => `${a()}[${b()}:${b()}]`,
          () => `f'{${this.plain()}${this.one(['', '!r', ':>5', ':{3}'])}}-{${this.plain()}}'`,
          () => `${this.one(["'%s'", "'%r!'"])} % (${this.data()},)`,
          () => `'{} {}'.format(${this.data()}, ${this.data()})`,
          () => `${a()}.join(${this.iterable('words')})`,
          () => `${a()}.${this.one(['upper', 'title', 'strip', 'swapcase'])}()`,
          () => `${this.one(['str', 'repr', 'ascii'])}(${this.data()})`,
          () => `${a()}.encode().decode()`,
          () => `re.sub(${this.pattern()}, ${this.repl()}, ${a()})`,
          () => `re.escape(${a()})`,
        ])()
      case 'list':
        return this.one([
          () => `[${this.each('list', 'int')}]`,
          () => `sorted(${this.iterable('list')}${this.often(0.4) ? `, key=${this.order()}` : ''})`,
          () => `list(${this.iterable('list')})`,
          () => `${a()} + ${a()}`,
          () => `${a()}[::${this.one(['-1', '2', '1'])}]`,
          () => `[*${this.iterable('list')}, ${b()}]`,
        ])()
      case 'words':
        return this.one([
          () => `${this.data('str')}.split(${this.often(0.5) ? this.data('str') : ''})`,
          () => `list(map(${this.one(['str', 'repr'])}, ${this.iterable('list')}))`,
          () => `[${this.each('words', 'str')}]`,
          () => `re.${this.one(['findall', 'split'])}(${this.pattern()}, ${this.data('str')})`,
          () => `[m1.group() for m1 in re.finditer(${this.pattern()}, ${this.data('str')})]`,
          () => `sorted(${this.data('words')}, key=${this.key()})`,
        ])()
      case 'dict':
        return this.one([
          () => `{${this.data('str')}: ${this.data()}, **${a()}}`,
          () => `{${this.each('list', 'int', ': 1')}}`,
          () => `dict(zip(${this.iterable('words')}, ${this.iterable('list')}))`,
          () => `dict.fromkeys(${this.iterable('words')}, ${this.data()})`,
        ])()
      case 'set':
        return this.one([
          () => `set(${this.iterable('list')})`,
          () => `{${this.each('list', 'int')}}`,
          () => `${a()} ${this.one(['|', '&', '-', '^'])} ${a()}`,
        ])()
      default:
        return this.one([
          () => `${this.data('int')} ${this.one(['<', '>=', '==', '!='])} ${this.data('int')}`,
          () => `${this.data()} in ${this.data('list')}`,
          () => `not ${this.data()}`,
          () => `${this.data()} ${this.one(['and', 'or'])} ${this.data()}`,
          () => `${this.one(['any', 'all'])}(${this.iterable('list')})`,
          () => `isinstance(${this.data()}, ${this.one(['int', 'str', '(list, tuple)'])})`,
          () => `(type(${this.data()}) ${this.one(['is int', '== str', 'in (int, list)'])})`,
          () => `((${this.data()}) is ${this.one(['None', 'not None'])})`,
          () =>
            this.one(['bool(M)', '(M is not None)', '(not M)']).replace('M', () => this.match()),
        ])()
    }
  }

  pattern(): string {
    this.imports.add('import re')
    return this.one(patterns)
  }

  match(): string {
    const flag = this.often(0.3) ? ', re.I' : ''
    return `re.${this.one(['match', 'search', 'fullmatch'])}(${this.pattern()}, ${this.data('str')}${flag})`
  }

  private repl(): string {
    const inner = this.name()
    return this.one(["'-'", "r'\\g<0>'", `lambda ${inner}: ${inner}.group().upper()`])
  }

  /** Any word of the language on any value: most of these raise. */
  anything(): string {
    const { words } = this
    const few = () => Array.from({ length: this.rng.int(3) }, () => this.data()).join(', ')
    const isFree = (name: string) => !asksForMore.has(name) && !this.isLeftOut(name)
    const dataOf = (table: Record<string, string>) =>
      Object.keys(table).filter(name => /data|lone/.test(table[name] ?? '') && isFree(name))
    return this.one([
      () => `(${this.data()}).${this.one(words.methods.filter(isFree))}(${few()})`,
      () => `${this.one(dataOf(words.builtins))}(${few()})`,
      () => {
        const module = this.one(Object.keys(words.modules).filter(isFree))
        const names = dataOf(words.modules[module] as never)
        if (names.length === 0) return this.data()
        this.imports.add(`import ${module}`)
        return `${module}.${this.one(names)}(${few()})`
      },
      () => {
        if (this.functions.length === 0) return this.data()
        return `${this.one(this.functions)}(${this.data()}, ${this.data()})`
      },
    ])()
  }

  /** An expression for a place that consumes it at once. */
  iterable(kind: Kind): string {
    const from = () => this.data(kind)
    if (this.depth > 3) return from()
    this.depth += 1
    const found = this.one([
      from,
      from,
      () => `(${this.each(kind, 'int')})`,
      () => `reversed(${from()})`,
      () => `filter(${this.often(0.3) ? 'None' : this.key()}, ${from()})`,
      () => `map(${this.key()}, ${from()})`,
      () => {
        if (this.generators.length === 0) return from()
        return `${this.one(this.generators)}(${this.data('list')}, ${this.data('int')})`
      },
      () => {
        this.imports.add('import itertools')
        return this.one([
          `itertools.chain(${from()}, ${from()})`,
          `itertools.islice(${from()}, ${this.one(['2', '3'])})`,
          `itertools.accumulate(${from()})`,
          `itertools.chain.from_iterable([${from()}, ${from()}])`,
        ])
      },
    ])()
    this.depth -= 1
    return found
  }

  /** `element for name in source if test`. The name is not known outside of it. */
  private each(kind: Kind, of: Kind, more = ''): string {
    const [name, source] = [this.name(), this.iterable(kind)]
    const known = this.names[kind === 'words' || kind === 'str' ? 'str' : 'int']
    known.push(name)
    const test = this.often(0.3) ? ` if ${this.data('bool')}` : ''
    const text = `${this.data(of)}${more} for ${name} in ${source}${test}`
    known.splice(known.indexOf(name), 1)
    return text
  }

  /** An expression without quotes, for use inside a string. */
  private plain(): string {
    const known = [...this.names.int, ...this.names.list]
    return this.one(known.length > 0 ? known : ['1', '[2, 3]', '0.5', '(1, None)'])
  }

  /** An expression that is only allowed after `key=`. */
  private order(): string {
    if (this.often(0.7)) return this.key()
    this.imports.add('import functools')
    return 'functools.cmp_to_key(lambda one, two: 0)'
  }

  private key(): string {
    const inner = this.name()
    return this.one([
      () => 'str',
      () => 'len',
      () => `lambda ${inner}: (${inner}, ${this.data('int')})`,
      () => `lambda ${inner}: ${this.data()}`,
      () => `${this.data('dict')}.get`.replace(/^\{.*\}\.get$/, 'abs'),
      () => 'str.lower',
      () => {
        this.imports.add('from operator import itemgetter')
        return 'itemgetter(0)'
      },
    ])()
  }
}
