/** The shortest prompts of a run: what its engine has to have room for before anything is started. */
import type { Kinds } from '../../domain/kinds/index.ts'
import type { Dialect } from '../../domain/prompts/dialect.ts'
import type { Kind, Task } from '../../domain/task.ts'
import type { Config } from '../config/config.ts'
import type { Prompts } from './suitable.ts'

/** Shorter than any that a model writes: the one that the seeding begins with. */
function zeroTask(dialect: Dialect, kind: Kind): Task {
  const { program, inputs, message } = dialect.zeroTask(kind)
  const pairs = inputs.map(input => ({ input, output: '', canonical: '' }))
  return { id: '', kind, program, normalized: program, pairs, message, hash: '' }
}

/** None where only suites are answered. */
export function shortestPrompts(
  { steps, seeding, propose, solve, task, sandbox }: Config,
  kinds: Kinds,
  dialect: Dialect,
): Prompts {
  if (steps === 0 && seeding.size === 0) return {}
  const rules = { bannedWords: task.bannedWords, maxOutputChars: task.maxOutputChars }
  const texts = kinds.all.map(({ name, from }) => {
    const zero = zeroTask(dialect, name)
    const references = from === 'references' ? Array<Task>(propose.references).fill(zero) : []
    const program = from === 'program' ? { program: zero.program, pairs: [] } : null
    const context = {
      ...rules,
      references,
      program,
      inputs: propose.inputs,
      extras: propose.extras,
      timeoutMs: sandbox.timeoutMs / 2,
    }
    const [proposal, question] = [dialect.proposerPrompt(name, context), dialect.solverPrompt(zero)]
    return {
      [`the proposer's prompt for ${name}`]: { text: proposal, answer: propose.maxTokens },
      [`the solver's prompt for ${name}`]: { text: question, answer: solve.maxTokens },
    }
  })
  return Object.assign({}, ...texts)
}
