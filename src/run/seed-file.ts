/**
 * Seeds of others as drafts: our own lines, or those of the published code (`data/*_seed_io.jsonl`), of
 * which a triplet is a seed of deduction and of abduction. Not here: whether one is a task.
 */
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { explain, UsageError } from '../../domain/errors.ts'
import { filledLines } from '../../lib/lines.ts'
import type { Config } from '../config/config.ts'
import type { Seed } from './work/seeding.ts'

const text = z.string().min(1)
const own = z
  .strictObject({
    kind: text,
    program: text,
    inputs: z.array(z.string()).min(1),
    message: z.string(),
  })
  .transform((seed): Seed[] => [seed])
const triplet = z
  .object({ snippet: text, input: z.string() })
  .transform(({ snippet: program, input }): Seed[] =>
    ['deduction', 'abduction'].map(kind => ({ kind, program, inputs: [input], message: '' })),
  )
const problem = z
  .object({ snippet: text, inputs: z.array(z.string()).min(2), message: z.string() })
  .transform(({ snippet: program, inputs, message }): Seed[] => [
    { kind: 'induction', program, inputs, message },
  ])
const line = z.union([own, problem, triplet])

/** UsageError names the first line that is neither. */
export function readSeeds(path: string): Seed[] {
  let lines: { text: string; number: number }[]
  try {
    lines = filledLines(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new UsageError(`Cannot read seeds ${path}: ${explain(error)}`)
  }
  return lines.flatMap(({ text, number }) => {
    const refuse = (why: string) => new UsageError(`Cannot read seeds ${path}:${number}: ${why}`)
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      throw refuse('it is no JSON')
    }
    const found = line.safeParse(value)
    if (found.success) return found.data
    throw refuse('it has neither snippet and input, nor snippet, inputs and message')
  })
}

export const seedsOf = ({ seeding }: Pick<Config, 'seeding'>): Seed[] =>
  seeding.from === null ? [] : readSeeds(seeding.from)
