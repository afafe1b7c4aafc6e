/** Steps that kinds are made of: pairs that are shown, programs that become tasks, answers judged. */
import type { Execution } from '../execution.ts'
import type { Pair, Task } from '../task.ts'
import { refuseMessage, refuseProgram, refuseRuns } from '../validate.ts'
import type { Judgement, Proposal, Tools, Validated } from './kind.ts'

const shownCount = ({ pairs }: Pick<Task, 'pairs'>, share: number) =>
  Math.floor(pairs.length * share)

/** The pairs that the solver sees. */
export const shownPairs = (task: Pick<Task, 'pairs'>, share: number): Pair[] =>
  task.pairs.slice(0, shownCount(task, share))

/** The pairs that judge an answer: the rest. */
export const hiddenPairs = (task: Pick<Task, 'pairs'>, share: number): Pair[] =>
  task.pairs.slice(shownCount(task, share))

/** A program that keeps to the rules, runs on all inputs, and gives outputs that can be asked for. */
export async function validateProgram(
  { draft, rules }: Pick<Proposal, 'draft' | 'rules'>,
  { inspect, execute }: Pick<Tools, 'inspect' | 'execute'>,
): Promise<Validated> {
  const { program, inputs, message } = draft
  const seen = await inspect(program)
  if (!seen.ok) return { reason: seen.error }
  const before = refuseProgram(program, seen.facts, rules) ?? refuseMessage(message, program)
  if (before !== null) return { reason: before }
  const runs = await execute(program, inputs)
  const after = refuseRuns(runs, rules)
  if (after !== null) return { reason: after }
  const { normalized } = seen.facts
  return { normalized, pairs: pairsOf(inputs, runs), identity: canonicalInputs(inputs, runs) }
}

/** What programs gave, as pairs of a task. */
export const pairsOf = (inputs: readonly string[], runs: readonly Execution[]): Pair[] =>
  runs.map(({ output, canonical }, i) => {
    return { input: inputs[i] as string, output: output ?? '', canonical: canonical ?? '' }
  })

export const canonicalInputs = (inputs: readonly string[], runs: readonly Execution[]): string[] =>
  runs.map(({ inputCanonical }, i) => inputCanonical ?? (inputs[i] as string))

/** How many runs gave what is expected, and what went wrong with the first that gave nothing. */
export function compareRuns(runs: readonly Execution[], expected: readonly Pair[]): Judgement {
  const right = runs.filter(
    ({ outcome, canonical }, i) => outcome === 'returned' && canonical === expected[i]?.canonical,
  ).length
  const failed = runs.find(({ outcome }) => outcome !== 'returned')
  const reason = failed ? [failed.outcome, failed.error].filter(Boolean).join(': ') : null
  return { type: 'judged', right, count: expected.length, reason }
}

/** A program, run on the inputs of the pairs, has to give their outputs. */
export async function judgeProgram(
  program: string,
  pairs: readonly Pair[],
  { execute }: Pick<Tools, 'execute'>,
): Promise<Judgement> {
  const runs = await execute(
    program,
    pairs.map(({ input }) => input),
  )
  return compareRuns(runs, pairs)
}

/** The same for a program that the model wrote: one that cannot be parsed is malformed. */
export async function judgeWritten(
  program: string,
  pairs: readonly Pair[],
  tools: Pick<Tools, 'inspect' | 'execute'>,
): Promise<Judgement> {
  const seen = await tools.inspect(program)
  if (!seen.ok) return { type: 'malformed', reason: seen.error }
  return judgeProgram(program, pairs, tools)
}

/** A literal has to be the value that is expected, however it is written. */
export async function judgeLiteral(
  text: string,
  expected: string | undefined,
  { readLiteral }: Pick<Tools, 'readLiteral'>,
): Promise<Judgement> {
  const literal = await readLiteral(text)
  if (!literal.ok) return { type: 'malformed', reason: literal.error }
  const right = literal.canonical === expected ? 1 : 0
  return { type: 'judged', right, count: 1, reason: null }
}
