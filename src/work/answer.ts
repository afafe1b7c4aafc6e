/** The solver's two units: draft an answer (one completion), and grade it by execution. */
import type { FromExecutor, FromSolver, SolveOrder, Verdict } from '../../actors/messages.ts'
import type { ExecutionRow, GradeRow, Write } from '../../state/types.ts'
import { hashOf } from '../domain/hash.ts'
import { parseKey } from '../domain/key.ts'
import { hiddenPairs } from '../domain/prompts/dialect.ts'
import { inductionScore, solverReward } from '../domain/reward.ts'
import type { Task } from '../domain/task.ts'
import { executionRows } from './execute.ts'
import { limitsOf, type Ports, taskOf } from './ports.ts'
import { sampleRollout } from './sample.ts'

export async function draftAnswer(
  ports: Ports,
  order: SolveOrder,
  policyVersion: number,
  signal: AbortSignal,
): Promise<FromSolver> {
  const { id, kind } = order
  const { temperature, topP, maxTokens } = ports.config.solve
  const prompt = ports.dialect.solverPrompt(taskOf(ports, order.task))
  const want = { id, role: 'solver', kind, task: order.task, prompt, policyVersion } as const
  await sampleRollout(ports, { ...want, temperature, topP, maxTokens }, signal)
  return { type: 'answer.drafted', order }
}

export type Judged = {
  verdict: Verdict
  /** Share of the hidden pairs that were right, as the config counts it: induction only. */
  score: number | null
  parsed: string | null
  reason: string | null
  executions: ExecutionRow[]
}

const malformed = (reason: string, parsed: string | null = null): Judged => {
  return { verdict: 'malformed', score: null, parsed, reason, executions: [] }
}

async function judgeDeduction(
  ports: Ports,
  task: Task,
  answer: string,
  signal: AbortSignal,
): Promise<Judged> {
  const literal = await ports.sandbox.readLiteral(answer, signal)
  if (!literal.ok) return malformed(literal.error, answer)
  const verdict = literal.canonical === task.pairs[0]?.canonical ? 'correct' : 'wrong'
  return { verdict, score: null, parsed: answer, reason: null, executions: [] }
}

/** Runs a program on inputs and compares each canonical text with what is expected. */
async function runAndCompare(
  ports: Ports,
  rolloutId: string,
  program: string,
  inputs: string[],
  expected: string[],
  signal: AbortSignal,
) {
  const run = { rolloutId, program, inputs, limits: limitsOf(ports.config, 1) }
  const executions = executionRows(run, await ports.sandbox.execute(run, signal))
  const right = executions.filter(
    ({ outcome, canonical }, i) => outcome === 'returned' && canonical === expected[i],
  ).length
  const isUngraded = executions.some(({ outcome }) => outcome === 'ungraded')
  const failed = executions.find(({ outcome }) => outcome !== 'returned')
  const reason = failed ? [failed.outcome, failed.error].filter(Boolean).join(': ') : null
  return { executions, right, isUngraded, reason }
}

async function judgeAbduction(
  ports: Ports,
  id: string,
  task: Task,
  answer: string,
  signal: AbortSignal,
): Promise<Judged> {
  const read = await ports.sandbox.readArguments(answer, signal)
  if (!read.ok) return malformed(read.error, answer)
  const expected = [task.pairs[0]?.canonical ?? '']
  const ran = await runAndCompare(ports, id, task.program, [answer], expected, signal)
  const verdict = ran.isUngraded ? 'ungraded' : ran.right === 1 ? 'correct' : 'wrong'
  const { executions, reason } = ran
  return { verdict, score: null, parsed: answer, reason, executions }
}

async function judgeInduction(
  ports: Ports,
  id: string,
  task: Task,
  answer: string,
  signal: AbortSignal,
): Promise<Judged> {
  const seen = await ports.sandbox.inspect(answer, signal)
  if (!seen.ok) return malformed(seen.error, answer)
  const hidden = hiddenPairs(task)
  const inputs = hidden.map(({ input }) => input)
  const expected = hidden.map(({ canonical }) => canonical)
  const ran = await runAndCompare(ports, id, answer, inputs, expected, signal)
  const score = inductionScore(ran.right, hidden.length, ports.config.reward)
  const verdict = ran.isUngraded ? 'ungraded' : score > 0 ? 'correct' : 'wrong'
  const { executions, reason } = ran
  return { verdict, score, parsed: answer, reason, executions }
}

/** Reads an answer in a rollout's text and judges it. The expected value stays in this process. */
export function judgeAnswer(
  ports: Ports,
  id: string,
  task: Task,
  text: string,
  finishReason: string,
  signal: AbortSignal,
): Promise<Judged> | Judged {
  if (finishReason === 'length') return malformed('cut off')
  const answer = ports.dialect.parseAnswer(task.kind, text)
  if (!answer.ok) return malformed(answer.reason)
  switch (task.kind) {
    case 'deduction':
      return judgeDeduction(ports, task, answer.value, signal)
    case 'abduction':
      return judgeAbduction(ports, id, task, answer.value, signal)
    case 'induction':
      return judgeInduction(ports, id, task, answer.value, signal)
  }
}

export const executionWrites = (rows: ExecutionRow[]): Write[] =>
  rows.map(row => ({ table: 'executions', row }))

export async function gradeAnswer(
  ports: Ports,
  order: SolveOrder,
  signal: AbortSignal,
): Promise<FromExecutor> {
  const { store, config } = ports
  const rollout = store.cached('rollouts', order.id)
  if (!rollout) throw new Error(`Cannot grade answer ${order.id} as it was not drafted`)
  const { id, kind } = order
  const input_hash = hashOf([rollout.text, order.task, limitsOf(config, 1), config.reward])
  const grade = await store.memo('grades', id, input_hash, async () => {
    const task = taskOf(ports, order.task)
    const judged = await judgeAnswer(ports, id, task, rollout.text, rollout.finish_reason, signal)
    const { verdict, score, parsed, reason, executions } = judged
    const full = solverReward(verdict, config.reward)
    const row: GradeRow = {
      id,
      step: parseKey(id).step,
      role: 'solver',
      kind,
      parsed,
      verdict,
      reason,
      success_rate: null,
      learnability: null,
      reward: verdict === 'correct' && score !== null ? score * config.reward.correct : full,
      input_hash,
    }
    return { row, also: executionWrites(executions) }
  })
  return { type: 'answer.graded', order, verdict: grade.verdict as Verdict }
}
