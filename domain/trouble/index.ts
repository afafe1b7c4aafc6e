/**
 * All codes of errors: why each occurs and what the user can do. `node scripts/write-docs.ts` makes
 * docs/how-to/troubleshooting.md of them.
 */
import * as commandLine from './command-line.ts'
import * as config from './config.ts'
import * as engine from './engine.ts'
import * as evaluation from './evaluation.ts'
import * as learner from './learner.ts'
import * as models from './models.ts'
import * as page from './page.ts'
import * as runs from './runs.ts'
import * as sandbox from './sandbox.ts'
import * as store from './store.ts'

/** Groups in the order of the page. */
export const groups = [
  commandLine,
  config,
  runs,
  store,
  models,
  engine,
  learner,
  sandbox,
  evaluation,
  page,
]

const all = {
  ...commandLine.codes,
  ...config.codes,
  ...runs.codes,
  ...store.codes,
  ...models.codes,
  ...engine.codes,
  ...learner.codes,
  ...sandbox.codes,
  ...evaluation.codes,
  ...page.codes,
}

export type Code = keyof typeof all

export const codes: Record<Code, { why: string; remedy: string }> = all

export const isCode = (text: unknown): text is Code =>
  typeof text === 'string' && Object.hasOwn(codes, text)
