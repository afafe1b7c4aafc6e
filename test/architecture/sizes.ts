/** Measures the functions of a file, from first to last line. */
import { readFileSync } from 'node:fs'
import { parseSync, Visitor } from 'vite'

export type Sized = { name: string; line: number; lines: number }

type Node = { start: number; end: number }
type Named = { id?: { name?: string } | null; key?: { name?: string } | null; value?: unknown }

/** Longest first. `file` is a path. A function without a name is `(…)`. */
export function functionsIn(file: string): Sized[] {
  const text = readFileSync(file, 'utf8')
  const { program, errors } = parseSync(file, text)
  if (errors.length > 0) throw new Error(`Cannot parse ${file}: ${errors[0]?.message}`)
  const ends = [...text.matchAll(/\n/g)].map(({ index }) => index)
  const lineAt = (place: number) => ends.findLastIndex(end => end < place) + 2
  const names = new Map<unknown, string>()
  const found: Sized[] = []
  const add = (node: Node & { id?: { name?: string } | null }) => {
    const [first, last] = [lineAt(node.start), lineAt(node.end)]
    const name = node.id?.name ?? names.get(node) ?? '(…)'
    found.push({ name, line: first, lines: last - first + 1 })
  }
  const call = (value: unknown, { id, key }: Named) => {
    names.set(value, id?.name ?? key?.name ?? '(…)')
  }
  new Visitor({
    VariableDeclarator: node => call(node.init, node as Named),
    Property: node => call(node.value, node as Named),
    MethodDefinition: node => call(node.value, node as Named),
    FunctionDeclaration: add,
    FunctionExpression: add,
    ArrowFunctionExpression: add,
  }).visit(program)
  return found.sort((a, b) => b.lines - a.lines)
}

export const linesIn = (file: string): number =>
  readFileSync(file, 'utf8').replace(/\n$/, '').split('\n').length
