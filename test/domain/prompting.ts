/** The dialects, a task and a context, for the tests of prompts. */
import { builtInKinds } from '../../domain/kinds/index.ts'
import type { ProposalContext } from '../../domain/kinds/kind.ts'
import { dialectOf } from '../../domain/prompts/index.ts'
import type { ReadingSettings } from '../../domain/settings.ts'
import type { Kind, Task } from '../../domain/task.ts'
import { configSchema } from '../../src/config/config.ts'

export const defaults = configSchema.parse({})
export const reading = (over: Partial<ReadingSettings> = {}) =>
  dialectOf({ ...defaults, reading: { ...defaults.reading, ...over } }, builtInKinds.all)
export const r1 = reading()
export const code = dialectOf({ ...defaults, dialect: 'code' }, builtInKinds.all)
export const strict = reading({ rules: 'strict' })

export function task(kind: Kind, over: Partial<Task> = {}): Task {
  const program = 'def f(a):\n    return a + 1'
  const pairs = [1, 2, 3, 4].map(n => {
    return { input: `${n}0`, output: `${n}1`, canonical: `${n}1` }
  })
  const some = kind === 'induction' ? pairs : pairs.slice(0, 1)
  const message = 'What comes next?'
  return { id: 'x', kind, program, normalized: program, pairs: some, message, hash: 'h', ...over }
}

export const context = (over: Partial<ProposalContext> = {}): ProposalContext => ({
  helpers: [],
  parameters: null,
  references: [task('deduction', { program: 'def f(z):\n    return z * 7' })],
  program: null,
  inputs: 4,
  extras: 'refused',
  bannedWords: ['random', 'os.path'],
  libraries: ['numpy'],
  timeoutMs: 500,
  memoryMb: 256,
  maxProgramChars: 4000,
  maxOutputChars: 400,
  ...over,
})

export const answered = (text: string) => `let me see</think>\n<answer>${text}</answer>`
export const fence = (tag: string, text: string) => `\`\`\`${tag}\n${text}\n\`\`\``
