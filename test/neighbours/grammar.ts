/**
 * Draws programs of the small language with every listed statement, builtin, method and function,
 * on values of every kind, mostly of the right one. Programs outside the language are in steps.ts.
 */
import { stream } from '../../domain/rng.ts'
import { Expressions } from './expressions.ts'
import type { Kind } from './values.ts'
import type { Words } from './words.ts'

export type Drawn = { program: string; input: string }

class Draft extends Expressions {
  block(indent: string, size: number): string[] {
    return Array.from({ length: size }, () => this.statement(indent)).flat()
  }

  private statement(indent: string): string[] {
    const deeper = `${indent}    `
    const fewer = this.depth > 2 ? 0.6 : 0
    this.depth += 1
    const kind = this.kind()
    const known = this.names[kind]
    const lines = this.one<() => string[]>([
      () => this.assign(indent, kind),
      () => this.assign(indent, kind),
      () => (known.length > 0 ? [`${indent}${this.one(known)} += ${this.data(kind)}`] : []),
      () => [`${indent}${this.data('list')}.append(${this.data()})`],
      () => this.wild(indent),
      () => this.wild(indent),
      () => this.wild(indent),
      () => [`${indent}print(${this.data()}, ${this.data()})`],
      () =>
        this.often(fewer)
          ? []
          : [`${indent}if ${this.data('bool')}:`, ...this.inner(deeper), ...this.orElse(indent)],
      () => (this.often(fewer) ? [] : this.forLoop(indent)),
      () => (this.often(fewer) ? [] : this.attempt(indent)),
      () => (this.often(fewer) ? [] : this.attempt(indent)),
      () => this.noted(indent, kind),
      () => this.found(indent),
      () => (this.often(0.3) ? [`${indent}raise ${this.one(this.words.raisable)}('no')`] : []),
      () => (this.often(0.3) ? [`${indent}return ${this.data()}`] : []),
      () => (this.often(0.3) ? this.knot(indent) : []),
      () => [`${indent}assert ${this.data('bool')}, ${this.data('str')}`],
    ])()
    this.depth -= 1
    return lines
  }

  private assign(indent: string, kind: Kind): string[] {
    const [name, value] = [this.name(), this.data(kind)]
    this.names[kind].push(name)
    return [`${indent}${name} = ${value}`]
  }

  /** Any word of the language anywhere. The program catches what it raises. */
  private wild(indent: string): string[] {
    const name = this.name()
    const value = this.anything()
    this.names[this.kind()].push(name)
    return [
      `${indent}${name} = 1`,
      `${indent}try:`,
      `${indent}    ${name} = ${value}`,
      `${indent}except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):`,
      `${indent}    pass`,
    ]
  }

  /** Annotations are taken out of the tree, so they must not be missed. */
  private noted(indent: string, kind: Kind): string[] {
    const [line = ''] = this.assign(indent, kind)
    return [line.replace(' =', `: ${this.note()} =`)]
  }

  private note(): string {
    const found = this.one([
      ...['int', 'str', "'x + 1'", 'None', '3', 'dict[str, set]', 'typing.Sequence', 'int | None'],
      ...['List[Any]', 'Union[int, None]', 'List[str | None]', 'tuple[int, ...]'],
    ])
    if (/List|Union/.test(found)) this.imports.add('from typing import Any, List, Union')
    if (found.startsWith('typing')) this.imports.add('import typing')
    return found
  }

  private inner(indent: string): string[] {
    const outer = structuredClone(this.names)
    const lines = this.block(indent, 1 + this.rng.int(2))
    // Names that were bound inside mostly do not exist afterwards.
    this.names = outer
    return lines.length > 0 ? lines : [`${indent}pass`]
  }

  private orElse(indent: string): string[] {
    return this.often(0.4) ? [`${indent}else:`, ...this.inner(`${indent}    `)] : []
  }

  private forLoop(indent: string): string[] {
    const [name, source] = [this.name(), this.iterable('list')]
    this.names.int.push(name)
    return [`${indent}for ${name} in ${source}:`, ...this.inner(`${indent}    `)]
  }

  private attempt(indent: string): string[] {
    const names = this.rng.sample(this.words.catchable, 2)
    const kinds = this.one([`(${names.join(', ')})`, names[0] as string, 'Exception', ''])
    const isFinal = this.often(0.2)
    const deeper = `${indent}    `
    const before = structuredClone(this.names)
    const head = `${indent}except${kinds ? ` ${kinds}` : ''}:`
    const lines = [`${indent}try:`, ...this.inner(deeper), head, ...this.inner(deeper)]
    this.names = before
    return isFinal ? [...lines, `${indent}finally:`, ...this.inner(deeper)] : lines
  }

  private found(indent: string): string[] {
    const [name, text] = [this.name(), this.name()]
    this.names.str.push(text)
    return [
      `${indent}${text} = ''`,
      `${indent}${name} = ${this.match()}`,
      `${indent}if ${name}:`,
      `${indent}    ${text} = ${name}.${this.one(['group()', 'group(0)', 'groups()', 'span()'])}`,
    ]
  }

  /** Values that contain themselves, or are large, deep or slow. Neighbours must not notice. */
  private knot(indent: string): string[] {
    const name = this.name()
    this.names.list.push(name)
    return this.one([
      [`${indent}${name} = [1]`, `${indent}${name}.append(${name})`],
      [`${indent}${name} = [[0] * 1000 for _ in range(500)]`, `${indent}${name}[0][0] = ${name}`],
      [
        `${indent}${name} = []`,
        `${indent}for _ in range(300):`,
        `${indent}    ${name} = [${name}]`,
      ],
      [`${indent}${name} = [10 ** 3000]`],
      [`${indent}${name} = [sum(range(100000))]`],
      [`${indent}${name} = [0] * 10 ** 8`],
    ])
  }

  helper(): string[] {
    const name = `${this.one(['helper', 'step', 'walk'])}${++this.count}`
    const isGenerator = this.often(0.4)
    const outer = structuredClone(this.names)
    this.names.list.push('a')
    this.names.int.push('b')
    const body = this.block('    ', 1 + this.rng.int(3))
    const last = isGenerator
      ? `for _ in a:\n        yield ${this.data('int')}`
      : `return ${this.data()}`
    const again = this.often(0.2) ? `    if b in (5, 6):\n        return ${name}(a, b)\n` : ''
    this.names = outer
    if (isGenerator) this.generators.push(name)
    else this.functions.push(name)
    const head = this.often(0.3)
      ? `def ${name}(a: ${this.note()}, b: ${this.note()} = 1) -> ${this.note()}:`
      : `def ${name}(a, b):`
    return [head, ...(isGenerator ? [] : [again.trimEnd()]), ...body, `    ${last}`]
  }
}

const inputs = [
  '[3, 1, 2], 4',
  '[], 0',
  "['b', 'a'], 2",
  "'abc', 1",
  "{'k': 1}, 3",
  '[5, -5, 5], -1',
]

/** The program of this number; the same for the same seed. */
export function draw(seed: number, number: number, words: Words): Drawn {
  const rng = stream(seed, 'neighbours', number)
  const draft = new Draft(rng, words)
  const helpers = Array.from({ length: rng.int(3) }, () => draft.helper())
  draft.names.list.push('x')
  draft.names.int.push('y')
  const body = draft.block('    ', 2 + rng.int(5))
  const last = `    return ${draft.data()}`
  const lines = ['def f(x, y):', ...body, last]
  const program = [...draft.imports, ...helpers.flat(), ...lines].filter(line => line !== '')
  return { program: program.join('\n'), input: draft.one(inputs) }
}
