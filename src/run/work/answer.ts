/**
 * The solver's two units of work: draft all answers to a task in one request, and grade them by
 * execution.
 */
import type { FromExecutor, FromSolver, SolveOrder, Verdict } from '../../../actors/messages.ts'
import { hashOf } from '../../../domain/hash.ts'
import type { Kinds } from '../../../domain/kinds/index.ts'
import type { Question } from '../../../domain/kinds/kind.ts'
import { judgingPairs } from '../../../domain/kinds/steps.ts'
import type { Dialect } from '../../../domain/prompts/dialect.ts'
import { type PairsRule, pairsScore, solverReward } from '../../../domain/reward.ts'
import type { Task } from '../../../domain/task.ts'
import type { ExecutionRow, GradeRow, RolloutRow, Store, Write } from '../../../state/types.ts'
import type { Config } from '../../config/config.ts'
import { answerLimits, rowsOfRuns } from './execute.ts'
import { type RewardPorts, rewardOf, rewardRules } from './reward.ts'
import { groupIds, type SamplePorts, sampleGroup } from './sample.ts'
import type { Verdicts } from './verdicts.ts'

export type Answering = { order: SolveOrder; task: Task }

export async function draftAnswers(
  ports: SamplePorts & { config: Config; dialect: Dialect },
  { order, task, policyVersion }: Answering & { policyVersion: number },
  signal: AbortSignal,
): Promise<FromSolver> {
  const { id, kind, samples } = order
  const { temperature, topP, maxTokens } = ports.config.solve
  const prompt = ports.dialect.solverPrompt(task)
  const stop = ports.dialect.stopsOf('solver', kind)
  const { keepsStop } = ports.dialect
  const want = { id, role: 'solver', kind, task: task.hash, prompt, policyVersion } as const
  const asked = { ...want, temperature, topP, maxTokens, stop, keepsStop }
  await sampleGroup(ports, asked, samples, signal)
  return { type: 'answer.drafted', order }
}

export type Judged = {
  verdict: Verdict
  /**
   * Share of the hidden pairs that were right, counted as the config says; null if none is hidden.
   */
  score: number | null
  parsed: string | null
  reason: string | null
  executions: ExecutionRow[]
}

const unread = (
  verdict: 'malformed' | 'wrong',
  reason: string,
  parsed: string | null = null,
): Judged => ({ verdict, score: null, parsed, reason, executions: [] })

/** The pairs that judge an answer: the hidden ones, if there are some. */
function questionOf(
  task: Task,
  shownShare: number,
  { answer, mayCompute }: Pick<Question, 'answer' | 'mayCompute'>,
): Question {
  const pairs = judgingPairs(task, shownShare)
  return {
    mayCompute,
    program: task.program,
    inputs: pairs.map(({ input }) => input),
    expected: pairs.map(({ canonical }) => canonical),
    answer,
  }
}

type Answer = { id: string; text: string; finish_reason: string }

/** `verdicts` is the judge, which is asked once for equal answers to a task. */
export type JudgePorts = {
  kinds: Kinds
  config: Pick<Config, 'sandbox'>
  dialect: Pick<Dialect, 'parseAnswer' | 'isForgiving'>
  verdicts: Verdicts
}

/** Reads an answer in a rollout's text and judges it. `rule` says how hidden pairs count. */
export async function judgeAnswer(
  { config, dialect, kinds, verdicts }: JudgePorts,
  { id, text, finish_reason }: Answer,
  task: Task,
  rule: PairsRule,
  signal: AbortSignal,
): Promise<Judged> {
  const isCut = finish_reason === 'length'
  const { isForgiving } = dialect
  if (isCut && !isForgiving) return unread('malformed', 'cut off')
  const read = dialect.parseAnswer(task.kind, text)
  if (!read.ok) return unread('malformed', isCut ? 'cut off' : read.reason)
  const limits = answerLimits(config)
  const kind = kinds.of(task.kind)
  const question = questionOf(task, kind.shownShare, {
    answer: read.value,
    mayCompute: isForgiving,
  })
  const found = await verdicts({ id, task: task.hash }, kind, question, limits, signal)
  if (found.type === 'malformed') {
    return unread(isForgiving ? 'wrong' : 'malformed', found.reason, read.value)
  }
  const { right, count, isUngraded, reason, runs } = found
  const hidesPairs = kind.shownShare < 1
  const share = hidesPairs ? pairsScore(right, count, rule) : right
  const verdict = isUngraded ? 'ungraded' : share > 0 ? 'correct' : 'wrong'
  const score = hidesPairs ? share : null
  const executions = rowsOfRuns(id, limits, runs)
  return { verdict, score, parsed: read.value, reason, executions }
}

export const executionWrites = (rows: ExecutionRow[]): Write[] =>
  rows.map(row => ({ table: 'executions', row }))

export type GradePorts = JudgePorts & RewardPorts & { store: Pick<Store, 'memo' | 'cached'> }

type Graded = Answering & { rollout: RolloutRow; input_hash: string }

/** The verdict on one answer, with its row and the rows of its executions. */
async function gradeOne(
  ports: GradePorts,
  { order, task, rollout, input_hash }: Graded,
  signal: AbortSignal,
): Promise<{ row: GradeRow; executions: ExecutionRow[] }> {
  const { config } = ports
  const { id, step } = rollout
  const judged = await judgeAnswer(ports, rollout, task, config.reward.induction, signal)
  const { verdict, score, parsed, reason, executions } = judged
  const isShare = verdict === 'correct' && score !== null
  const earned = isShare ? score * config.reward.correct : solverReward(verdict, config.reward)
  const about = { role: 'solver', verdict, answer: parsed, score, task } as const
  const row: GradeRow = {
    id,
    step,
    role: 'solver',
    kind: order.kind,
    parsed,
    verdict,
    reason,
    success_rate: null,
    learnability: null,
    reward: rewardOf(ports, rollout, earned, about),
    input_hash,
  }
  return { row, executions }
}

/** Grades all answers to a task, and commits them together. */
export async function gradeAnswers(
  ports: GradePorts,
  { order, task }: Answering,
  signal: AbortSignal,
): Promise<FromExecutor> {
  const { store, config } = ports
  const ids = groupIds(order.id, order.samples)
  const rollouts = ids.map(id => {
    const rollout = store.cached('rollouts', id)
    if (!rollout) throw new Error(`Cannot grade answer ${id} as it was not drafted`)
    return rollout
  })
  const texts = rollouts.map(({ text }) => text)
  const input_hash = hashOf([texts, order.task, answerLimits(config), rewardRules(ports)])
  await store.memo('grades', order.id, input_hash, async () => {
    const made = await Promise.all(
      rollouts.map(rollout => gradeOne(ports, { order, task, rollout, input_hash }, signal)),
    )
    const [{ row }, ...others] = made as [(typeof made)[number], ...typeof made]
    const also = others.map((other): Write => ({ table: 'grades', row: other.row }))
    const ran = made.flatMap(({ executions }) => executionWrites(executions))
    return { row, also: [...also, ...ran] }
  })
  const correct = ids.filter(id => store.cached('grades', id)?.verdict === 'correct').length
  return { type: 'answer.graded', order, correct }
}
