/** The shortest prompts of a run. Its engine needs room for them before anything starts. */
import { formatKey } from '../../domain/key.ts'
import type { Kinds } from '../../domain/kinds/index.ts'
import type { Dialect } from '../../domain/prompts/dialect.ts'
import type { Kind, Task } from '../../domain/task.ts'
import type { Config } from '../config/config.ts'
import type { Prompts } from './suitable.ts'
import { contextOf } from './work/propose.ts'

/** The zero task, which is shorter than any that a model writes. */
function zeroTask(dialect: Dialect, kind: Kind): Task {
  const { program, inputs, message } = dialect.zeroTask(kind)
  const pairs = inputs.map(input => ({ input, output: '', canonical: '' }))
  return { id: '', kind, program, normalized: program, pairs, message, hash: '' }
}

/** Prompts without earlier tasks, which are dropped first. Empty if only suites are answered. */
export function shortestPrompts(config: Config, kinds: Kinds, dialect: Dialect): Prompts {
  const { steps, seeding, propose, solve } = config
  if (steps === 0 && seeding.size === 0) return {}
  const texts = kinds.all.map(({ name, from }) => {
    const zero = zeroTask(dialect, name)
    const id = formatKey({ step: 0, purpose: 'seed', kind: name, index: 0, sample: 0 })
    const program = from === 'program' ? id : null
    const order = { id, attempt: 0, kind: name, references: [], program }
    const context = contextOf(config, { of: () => zero }, order)
    return {
      [`the proposer's prompt for ${name}`]: {
        text: dialect.proposerPrompt(name, context),
        answer: propose.maxTokens,
      },
      [`the solver's prompt for ${name}`]: {
        text: dialect.solverPrompt(zero),
        answer: solve.maxTokens,
      },
    }
  })
  return Object.assign({}, ...texts)
}
