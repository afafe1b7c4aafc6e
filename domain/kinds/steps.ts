/**
 * Steps that kinds are made of: pairs that are shown, programs that become tasks, answers judged.
 */
import type { Execution } from '../execution.ts'
import type { Pair, Task } from '../task.ts'
import { refuseMessage, refuseProgram, refuseRuns } from '../validate.ts'
import type { Judgement, Proposal, Question, Tools, Validated } from './kind.ts'

const shownCount = ({ pairs }: Pick<Task, 'pairs'>, share: number) =>
  Math.floor(pairs.length * share)

/** The pairs that the solver sees. */
export const shownPairs = (task: Pick<Task, 'pairs'>, share: number): Pair[] =>
  task.pairs.slice(0, shownCount(task, share))

/** The pairs that judge an answer: the rest, or all where none is hidden. */
export const judgingPairs = (task: Pick<Task, 'pairs'>, share: number): Pair[] =>
  share === 1 ? task.pairs : task.pairs.slice(shownCount(task, share))

/**
 * A program that keeps to the rules, runs on all inputs, and gives outputs that can be asked for.
 */
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
export function compareRuns(runs: readonly Execution[], expected: readonly string[]): Judgement {
  const right = runs.filter(
    ({ outcome, canonical }, i) => outcome === 'returned' && canonical === expected[i],
  ).length
  const failed = runs.find(({ outcome }) => outcome !== 'returned')
  const reason = failed ? [failed.outcome, failed.error].filter(Boolean).join(': ') : null
  return { type: 'judged', right, count: expected.length, reason }
}

/** Gives back its arguments: what an answer that is an expression comes to. */
export const argumentsAsValues = 'def f(*values, **named):\n    return [values, named]'

const unreadable = (reason: string): Judgement => ({ type: 'malformed', reason })

/** The value of an expression; as of a tuple without its brackets, of several or before a comma. */
const oneValue = 'def f(*values):\n    return values[0] if len(values) == 1 else values'
const tuple = 'def f(*values):\n    return values'

/** The answer is an output: a literal of the value that is expected, however it is written. */
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
 * The answer is an input: whichever gives the output. An expression is evaluated before the program
 * is there, so that it cannot change what the program does.
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

/** The answer is a program: it is run on the inputs, and has to give their outputs. */
export async function judgeProgram(
  { answer, inputs, expected }: Question,
  { inspect, execute }: Pick<Tools, 'inspect' | 'execute'>,
): Promise<Judgement> {
  const seen = await inspect(answer)
  if (!seen.ok) return { type: 'malformed', reason: seen.error }
  return compareRuns(await execute(answer, inputs), expected)
}
