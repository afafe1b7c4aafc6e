/** The solver's two units: draft an answer (one completion), and grade it by execution. */
import type { FromExecutor, FromSolver, SolveOrder, Verdict } from '../../../actors/messages.ts'
import { hashOf } from '../../../domain/hash.ts'
import { parseKey } from '../../../domain/key.ts'
import type { Kinds } from '../../../domain/kinds/index.ts'
import type { Question } from '../../../domain/kinds/kind.ts'
import { judgingPairs } from '../../../domain/kinds/steps.ts'
import type { Dialect } from '../../../domain/prompts/dialect.ts'
import { type PairsRule, pairsScore, solverReward } from '../../../domain/reward.ts'
import type { Task } from '../../../domain/task.ts'
import type { ExecutionRow, GradeRow, Store, Write } from '../../../state/types.ts'
import type { Config } from '../../config/config.ts'
import { answerLimits, rowsOfRuns } from './execute.ts'
import { type RewardPorts, rewardOf, rewardRules } from './reward.ts'
import { type SamplePorts, sampleRollout } from './sample.ts'
import type { Verdicts } from './verdicts.ts'

export type Answering = { order: SolveOrder; task: Task }

export async function draftAnswer(
  ports: SamplePorts<'complete'> & { config: Config; dialect: Dialect },
  { order, task, policyVersion }: Answering & { policyVersion: number },
  signal: AbortSignal,
): Promise<FromSolver> {
  const { id, kind } = order
  const { temperature, topP, maxTokens } = ports.config.solve
  const prompt = ports.dialect.solverPrompt(task)
  const want = { id, role: 'solver', kind, task: task.hash, prompt, policyVersion } as const
  await sampleRollout(ports, { ...want, temperature, topP, maxTokens }, signal)
  return { type: 'answer.drafted', order }
}

export type Judged = {
  verdict: Verdict
  /** Share of the hidden pairs that were right, as the config counts it; null where none is hidden. */
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

/** What an answer to a task is held against: the hidden pairs, where there are some. */
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

/** `verdicts`: the judge, which is asked once for equal answers to a task. */
export type JudgePorts = {
  kinds: Kinds
  config: Pick<Config, 'sandbox'>
  dialect: Pick<Dialect, 'parseAnswer' | 'isForgiving'>
  verdicts: Verdicts
}

/** Reads an answer in a rollout's text and judges it; `rule` says how many hidden pairs have to be right. */
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

export async function gradeAnswer(
  ports: GradePorts,
  { order, task }: Answering,
  signal: AbortSignal,
): Promise<FromExecutor> {
  const { store, config } = ports
  const rollout = store.cached('rollouts', order.id)
  if (!rollout) throw new Error(`Cannot grade answer ${order.id} as it was not drafted`)
  const { id, kind } = order
  const input_hash = hashOf([rollout.text, order.task, answerLimits(config), rewardRules(ports)])
  const grade = await store.memo('grades', id, input_hash, async () => {
    const judged = await judgeAnswer(ports, rollout, task, config.reward.induction, signal)
    const { verdict, score, parsed, reason, executions } = judged
    const isShare = verdict === 'correct' && score !== null
    const earned = isShare ? score * config.reward.correct : solverReward(verdict, config.reward)
    const about = { role: 'solver', verdict, answer: parsed, score, task } as const
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
      reward: rewardOf(ports, rollout, earned, about),
      input_hash,
    }
    return { row, also: executionWrites(executions) }
  })
  return { type: 'answer.graded', order, verdict: grade.verdict as Verdict }
}
