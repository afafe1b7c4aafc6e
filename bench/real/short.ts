/**
 * CRUXEval's short items as a data folder of their own. A model of 135 million parameters answers
 * few of the long ones, and each token of a prompt costs as much as one of an answer.
 */
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { filledLines } from '../../lib/lines.ts'
import { writeWhole } from '../../lib/whole-file.ts'

type Item = { code: string; input: string; output: string }

/** Characters. */
export const most = { code: 140, input: 40, output: 20 }

export const isShort = ({ code, input, output }: Item) =>
  code.length <= most.code && input.length <= most.input && output.length <= most.output

/** Writes TO/cruxeval/cruxeval.jsonl from the published one in FROM; gives the number of items. */
export function writeShort(from: string, to: string): number {
  const [source, target] = [from, to].map(folder => join(folder, 'cruxeval')) as [string, string]
  const lines = filledLines(readFileSync(join(source, 'cruxeval.jsonl'), 'utf8'))
  const short = lines.filter(({ text }) => isShort(JSON.parse(text)))
  mkdirSync(target, { recursive: true })
  writeWhole(join(target, 'cruxeval.jsonl'), short.map(({ text }) => `${text}\n`).join(''))
  return short.length
}
