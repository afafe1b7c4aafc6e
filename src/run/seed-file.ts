/**
 * Reads seeds from elsewhere as drafts: our own lines, or those of the published code
 * (`data/*_seed_io.jsonl`), in which a triplet is a seed of both deduction and abduction. It does
 * not check whether they are tasks.
 */
import { readFileSync } from 'node:fs'
import { explain, UsageError } from '../../domain/errors.ts'
import { filledLines } from '../../lib/lines.ts'
import type { Config } from '../config/config.ts'
import type { Seed } from './work/seeding.ts'

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''
const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length > 0 && value.every(one => typeof one === 'string')

/** The seeds in a line; null if it is not one. */
function seedsIn(line: unknown): Seed[] | null {
  if (typeof line !== 'object' || line === null) return null
  const { kind, program, snippet, input, inputs, message = '' } = line as Record<string, unknown>
  if (typeof message !== 'string') return null
  if (isText(kind) && isText(program) && isTexts(inputs))
    return [{ kind, program, inputs, message }]
  if (!isText(snippet)) return null
  if (isTexts(inputs)) return [{ kind: 'induction', program: snippet, inputs, message }]
  if (typeof input !== 'string') return null
  return ['deduction', 'abduction'].map(kind => {
    return { kind, program: snippet, inputs: [input], message }
  })
}

/** Throws UsageError with the first line that has neither form. */
export function readSeeds(path: string): Seed[] {
  let lines: { text: string; number: number }[]
  try {
    lines = filledLines(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new UsageError('seeds-unreadable', `Cannot read seeds ${path}: ${explain(error)}`)
  }
  return lines.flatMap(({ text, number }) => {
    const refuse = (why: string) =>
      new UsageError('seeds-unreadable', `Cannot read seeds ${path}:${number}: ${why}`)
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      throw refuse('it is not JSON')
    }
    const found = seedsIn(value)
    if (found) return found
    throw refuse('it has neither snippet and input, nor snippet, inputs and message')
  })
}

export const seedsOf = ({ seeding }: Pick<Config, 'seeding'>): Seed[] =>
  seeding.from === null ? [] : readSeeds(seeding.from)
