/**
 * Finds the texts of all errors that have a code, by parsing the sources. A part of a text that is
 * known only at run time becomes `…`.
 */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseSync } from 'vite'
import { isCode } from '../../domain/trouble/index.ts'
import { root } from '../../src/config/paths.ts'

type Node = { type: string; start: number; [field: string]: unknown }
export type ErrorText = { code: string; text: string; file: string; line: number }

const rooms = ['src', 'actors', 'domain', 'state', 'sandbox', 'scripts']

const isNode = (value: unknown): value is Node =>
  typeof (value as { type?: unknown } | null)?.type === 'string'

/** All nodes of a tree, parents first. */
export function* nodesOf(node: Node): Generator<Node> {
  yield node
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (isNode(child)) yield* nodesOf(child)
    }
  }
}

/** Constants of a file by name, because the text of an error may be one. */
type Constants = Map<string, Node>

function constantsOf(nodes: readonly Node[]): Constants {
  const found = nodes.filter(({ type, init }) => type === 'VariableDeclarator' && isNode(init))
  return new Map(found.map(({ id, init }) => [String((id as Node).name), init as Node]))
}

/** The text of an expression as far as the source has it. */
function textOf(node: Node, constants: Constants): string {
  const of = (part: unknown) => textOf(part as Node, constants)
  switch (node.type) {
    case 'Literal':
      return String(node.value)
    case 'TemplateLiteral':
      return (node.quasis as { value: { cooked: string } }[])
        .map(({ value }) => value.cooked)
        .join('…')
    case 'BinaryExpression':
      return of(node.left) + of(node.right)
    case 'LogicalExpression':
      return of(node.right)
    case 'Identifier': {
      const value = constants.get(String(node.name))
      return value?.type === 'TemplateLiteral' ? of(value) : '…'
    }
    default:
      return '…'
  }
}

/** Matches `new SomeError('code', text)`, and answers of the API, which begin with a status. */
function errorIn(node: Node, constants: Constants): { code: string; text: string } | null {
  const isAnswer = (node.callee as { name?: string } | undefined)?.name === 'problem'
  if (node.type !== 'NewExpression' && !isAnswer) return null
  const given = node.arguments as Node[]
  const at = given.findIndex(({ type, value }) => type === 'Literal' && isCode(value))
  const text = given[at + 1]
  if (at < 0 || !text) return null
  return { code: String(given[at]?.value), text: textOf(text, constants) }
}

export const sourceFiles = () =>
  globSync(`{${rooms.join(',')}}/**/*.ts`, { cwd: root }).filter(path => !path.includes('modules'))

export function errorTexts(): ErrorText[] {
  return sourceFiles()
    .sort()
    .flatMap(file => {
      const source = readFileSync(join(root, file), 'utf8')
      if (!/new \w+\(/.test(source)) return []
      const { program } = parseSync(file, source)
      const nodes = [...nodesOf(program as unknown as Node)]
      const constants = constantsOf(nodes)
      return nodes.flatMap(node => {
        const found = errorIn(node, constants)
        const line = source.slice(0, node.start).split('\n').length
        const text = found?.text.replace(/…{2,}/g, '…') ?? ''
        return found ? [{ ...found, text, file, line }] : []
      })
    })
}
