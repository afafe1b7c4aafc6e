/**
 * Reads the hostile programs of test/fixtures/hostile: one Python file per category.
 *
 *     #= NAME                       begins a program; its lines follow the directives
 *     #% accept: A, B ;; C          outcomes that are right, `;;` between those of several inputs
 *     #% accept without namespaces: the same, where the host's file names are visible
 *     #% input: TEXT ;; TEXT        the text between the parentheses of f(…); default `1`
 *     #% let X = "text" x COUNT     @X@ becomes the JSON text, repeated
 *     #% each X: TEXT ;; TEXT       a program for each text, which replaces @X@; `TEXT => OUTCOME`
 *                                   has its own outcome; may appear more than once
 *     #% restarts: front            the text may end the front
 *     #% as: script                 a whole program; the inputs are its standard input
 *
 * An `accept` or `as` before the first program is the default of the file. An @UPPER@ without a
 * `let` is a trap of the host (traps.ts).
 */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Execution, Outcome } from '../../domain/execution.ts'
import { root } from '../../src/config/paths.ts'

/** `returned` without a text, or `raised` without a class, accepts any. */
export type Accepted = { outcome: Outcome; text: string | null }

export type Case = {
  category: string
  name: string
  program: string
  inputs: string[]
  /** One list per input. */
  accepted: Accepted[][]
  acceptedWithoutNamespaces: Accepted[][] | null
  frontMayRestart: boolean
  isScript: boolean
}

const folder = join(root, 'test', 'fixtures', 'hostile')
const words =
  'returned|raised|timedOut|memoryExceeded|outputTooLong|nondeterministic|rejected|crashed'

function parseAccepted(text: string): Accepted[][] {
  const one = (part: string): Accepted => {
    const [, outcome, rest] = new RegExp(`^(${words})(?: (.+))?$`, 's').exec(part.trim()) ?? []
    if (!outcome) throw new Error(`Cannot read an accepted outcome: got ${part}`)
    return { outcome: outcome as Outcome, text: rest ?? null }
  }
  const split = new RegExp(`, (?=(?:${words})\\b)`)
  return text.split(' ;; ').map(part => part.split(split).map(one))
}

function parseLets(lines: string[]): Record<string, string> {
  const pairs = lines.map(line => {
    const [, name, text, count] = /^(\w+) = (".*") x (\d+)$/.exec(line) ?? []
    if (!name) throw new Error(`Cannot read a let: got ${line}`)
    return [name, String(JSON.parse(text as string)).repeat(Number(count))]
  })
  return Object.fromEntries(pairs)
}

function parseCase(category: string, block: string, head: string): Case {
  const lines = block.split('\n')
  const name = lines.shift() ?? ''
  const directives = new Map<string, string[]>()
  while (lines[0]?.startsWith('#% ')) {
    const [, key = '', value = ''] =
      /^#% ([^:=]+?)(?:: | (?=\w+ = "))(.*)$/.exec(lines.shift()!) ?? []
    directives.set(key, [...(directives.get(key) ?? []), value])
  }
  const lets = parseLets(directives.get('let') ?? [])
  const fill = (text: string) => text.replace(/@([A-Z]+)@/g, (all, key) => lets[key] ?? all)
  const standard = (key: string) => new RegExp(`^#% ${key}: (.*)$`, 'm').exec(head)?.[1]
  const accept = directives.get('accept')?.[0] ?? standard('accept')
  if (accept === undefined) throw new Error(`Cannot use ${category}: ${name} as it accepts nothing`)
  const inputs = (directives.get('input')?.[0] ?? '1').split(' ;; ').map(fill)
  const accepted = parseAccepted(accept)
  if (accepted.length !== inputs.length) {
    throw new Error(`Cannot use ${category}: ${name} as inputs and outcomes differ in number`)
  }
  const without = directives.get('accept without namespaces')?.[0]
  return {
    category,
    name,
    inputs,
    accepted,
    program: fill(lines.join('\n').trimEnd()),
    acceptedWithoutNamespaces: without === undefined ? null : parseAccepted(without),
    frontMayRestart: directives.get('restarts')?.[0] === 'front',
    isScript: (directives.get('as')?.[0] ?? standard('as')) === 'script',
  }
}

const each = /^#% each (\w+): (.*)\n/gm

/** A program with `each` stands for several, one per text. */
function expand(block: string): string[] {
  const found = [...block.matchAll(each)]
  const key = found[0]?.[1]
  if (key === undefined) return [block]
  const [name, ...lines] = block.replace(each, '').split('\n')
  return found
    .flatMap(([, , texts = '']) => texts.split(' ;; '))
    .map(item => {
      const [text = '', accept] = item.split(' => ')
      const head = [`${name}, ${text}`, ...(accept ? [`#% accept: ${accept}`] : [])]
      return [...head, ...lines].join('\n').replaceAll(`@${key}@`, text)
    })
}

export function readCases(file: string): Case[] {
  const text = readFileSync(join(folder, file), 'utf8')
  const [head = '', ...blocks] = text.split(/^#= /m)
  return blocks.flatMap(expand).map(block => parseCase(basename(file, '.py'), block, head))
}

export const neighbourFile = 'neighbours.py'

/** Every hostile program, without the known neighbours. */
export function readAllCases(): Case[] {
  const files = readdirSync(folder).filter(file => file.endsWith('.py') && file !== neighbourFile)
  return files.sort().flatMap(readCases)
}

/** The file has a script's output as a Python literal of plain text. */
const written = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}'`

export function isAccepted(found: Execution, accepted: Accepted[], isScript = false): boolean {
  return accepted.some(({ outcome, text }) => {
    if (outcome !== found.outcome) return false
    const output = isScript ? written(found.output ?? '') : found.output
    return text === null || text === (outcome === 'raised' ? found.error : output)
  })
}
