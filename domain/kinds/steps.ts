/** Building blocks of kinds: they show pairs, make programs into tasks, and judge answers. */
import type { Execution } from '../execution.ts'
import type { Pair, Task } from '../task.ts'
import { refuseMessage, refuseProgram, refuseRuns } from '../validate.ts'
import type { Judgement, Proposal, Question, Tools, Validated } from './kind.ts'

const shownCount = ({ pairs }: Pick<Task, 'pairs'>, share: number) =>
  Math.floor(pairs.length * share)

/** The pairs that the solver sees. */
export const shownPairs = (task: Pick<Task, 'pairs'>, share: number): Pair[] =>
  task.pairs.slice(0, shownCount(task, share))

/** The pairs that judge an answer: the hidden ones, or all if none is hidden. */
export const judgingPairs = (task: Pick<Task, 'pairs'>, share: number): Pair[] =>
  share === 1 ? task.pairs : task.pairs.slice(shownCount(task, share))

/** Checks that a program follows the rules, runs on all inputs, and gives usable outputs. */
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

/** The results of programs as pairs of a task. */
export const pairsOf = (inputs: readonly string[], runs: readonly Execution[]): Pair[] =>
  runs.map(({ output, canonical }, i) => {
    return { input: inputs[i] as string, output: output ?? '', canonical: canonical ?? '' }
  })

export const canonicalInputs = (inputs: readonly string[], runs: readonly Execution[]): string[] =>
  runs.map(({ inputCanonical }, i) => inputCanonical ?? (inputs[i] as string))

/** Counts the runs that gave the expected output, and explains the first run that did not. */
export function compareRuns(runs: readonly Execution[], expected: readonly string[]): Judgement {
  const right = runs.filter(
    ({ outcome, canonical }, i) => outcome === 'returned' && canonical === expected[i],
  ).length
  const failed = runs.find(({ outcome }) => outcome !== 'returned')
  const reason = failed ? [failed.outcome, failed.error].filter(Boolean).join(': ') : null
  return { type: 'judged', right, count: expected.length, reason }
}

/** Returns its arguments, which gives the value of an answer that is an expression. */
export const argumentsAsValues = 'def f(*values, **named):\n    return [values, named]'

const unreadable = (reason: string): Judgement => ({ type: 'malformed', reason })

/**
 * The value of an expression. Several values, or one before a comma, are a tuple without brackets.
 */
const oneValue = 'def f(*values):\n    return values[0] if len(values) == 1 else values'
const tuple = 'def f(*values):\n    return values'

/** The answer is an output: any literal of the expected value counts. */
export async function judgeOutput(
  { answer, expected, mayCompute }: Question,
  { readLiteral, execute }: Pick<Tools, 'readLiteral' | 'execute'>,
): Promise<Judgement> {
  const literal = await readLiteral(answer)
  if (literal.ok) {
    const right = literal.canonical === expected[0] ? 1 : 0
    return { type: 'judged', right, count: 1, reason: null }
  }
  const text = answer.trim()
  if (!mayCompute || text === '') return unreadable(literal.error)
  return compareRuns(await execute(text.endsWith(',') ? tuple : oneValue, [text]), expected)
}

/**
 * The answer is an input: any that gives the output counts. An expression is evaluated before the
 * program is loaded, so that it cannot change the program.
 */
export async function judgeInput(
  { program, answer, expected, mayCompute }: Question,
  { readArguments, execute }: Pick<Tools, 'readArguments' | 'execute'>,
): Promise<Judgement> {
  const read = await readArguments(answer)
  if (read.ok) return compareRuns(await execute(program, [answer]), expected)
  if (!mayCompute) return unreadable(read.error)
  const runs = await execute(argumentsAsValues, [answer])
  const [{ outcome, output } = { outcome: 'rejected', output: null }] = runs
  if (outcome !== 'returned') return compareRuns(runs, expected)
  return compareRuns(await execute(program, [`*${output}[0], **${output}[1]`]), expected)
}

/** The answer is a program. It is run on the inputs and has to give their outputs. */
export async function judgeProgram(
  { answer, inputs, expected }: Question,
  { inspect, execute }: Pick<Tools, 'inspect' | 'execute'>,
): Promise<Judgement> {
  const seen = await inspect(answer)
  if (!seen.ok) return { type: 'malformed', reason: seen.error }
  return compareRuns(await execute(answer, inputs), expected)
}
