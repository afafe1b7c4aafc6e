/**
 * Evaluates held-out suites: all answers to an item in one mode (one unit of work), their verdicts,
 * and the rows with the sums. Who is scored when is decided in due.ts.
 */
import type { FromEvaluator, FromExecutor, ItemOrder } from '../../../actors/messages.ts'
import type { Sandbox } from '../../../domain/execution.ts'
import { hashOf } from '../../../domain/hash.ts'
import { parseKey } from '../../../domain/key.ts'
import type { Dialect } from '../../../domain/prompts/dialect.ts'
import type { Kind, Task } from '../../../domain/task.ts'
import type { EvaluationItemRow, RolloutRow, Store, Write } from '../../../state/types.ts'
import type { Graders } from '../../benchmarks/graders.ts'
import type { Suite } from '../../benchmarks/suites.ts'
import type { Config } from '../../config/config.ts'
import type { Completion } from '../../engine/types.ts'
import { executionWrites, type Judged, type JudgePorts, judgeAnswer } from './answer.ts'
import { type Room, tooLong } from './room.ts'
import { groupIds, type SamplePorts, sampleGroup } from './sample.ts'

type Suites = Map<string, Suite>

function itemOf(suites: Suites, { suite, kind, item }: ItemOrder) {
  const { benchmark, byKind } = suites.get(suite) ?? {}
  const found = byKind?.get(kind)?.[item]
  if (!benchmark || !found) throw new Error(`Cannot find item ${item} of ${suite}, ${kind}`)
  return { benchmark, item: found }
}

/** Expected outputs are parsed as literals by the sandbox's front, once. */
async function withCanonical(
  { sandbox }: JudgeItemPorts,
  task: Task,
  signal: AbortSignal,
): Promise<Task> {
  for (const pair of task.pairs) {
    if (pair.canonical !== '') continue
    const literal = await sandbox.readLiteral(pair.output, signal)
    if (!literal.ok) throw new Error(`Cannot use item ${task.id}: its output is no literal`)
    pair.canonical = literal.canonical
  }
  return task
}

const openingOf = ({ openings }: Dialect, { mode }: ItemOrder) => openings[mode] ?? ''

/** Puts a question into the model's chat template. */
export type Framing = (
  asked: { id: string; question: string },
  signal: AbortSignal,
) => Promise<string>

export type AttemptPorts = SamplePorts & {
  config: Config
  frame: Framing
  dialect: Dialect
  /** The dialect with the prompts of suites. */
  asking: Dialect
  suites: Suites
  room: Room
}

/** Tokens of an answer, if its benchmark does not set a number. */
const usual = 8096

/** Replaces the engine if a prompt is too long for it: answers without tokens. */
async function unanswered({ room }: AttemptPorts, prompt: string, signal: AbortSignal) {
  const promptIds = await room.encode(prompt, signal)
  const [ids, logprobs] = [new Int32Array(), new Float32Array()]
  const blank: Completion = { text: '', promptIds, ids, logprobs, finishReason: 'length' }
  return () => ({
    sampler: { completeMany: async (_: unknown, count: number) => Array(count).fill(blank) },
  })
}

/**
 * Answers that continue our examples stop where the next would begin, at a `def`. Answers in
 * natural language do not.
 */
function stopsFor({ isInWords }: Suite['benchmark'], kind: Kind, asking: Dialect) {
  if (!isInWords) return asking.stopsOf('solver', kind)
  return asking.name === 'code' ? [] : asking.stop
}

export async function attemptItem(
  ports: AttemptPorts,
  order: ItemOrder,
  policyVersion: number,
  signal: AbortSignal,
): Promise<FromEvaluator> {
  const { id, step, kind, mode, samples } = order
  const { suites, config } = ports
  const { benchmark, item } = itemOf(suites, order)
  // Items judged like tasks of self-play are asked like them, with any template.
  const isTask = benchmark.taskOf !== undefined
  const asking = isTask ? ports.dialect : ports.asking
  const { temperature: heat, template } = config.evaluate
  const maxTokens = config.evaluate.maxTokens ?? benchmark.maxTokens ?? usual
  const question = benchmark.prompt(item, asking) + openingOf(asking, order)
  const isChat = asking.name === 'r1' && template === 'chat' && !isTask
  const prompt = isChat ? await ports.frame({ id, question }, signal) : question
  const temperature = mode === 'sampled' ? heat : 0
  const stop = stopsFor(benchmark, kind, asking)
  const { keepsStop } = asking
  const want = { id, step, role: 'solver', kind, task: null, prompt, policyVersion, stop } as const
  const isReadable = await ports.room.isEnough({ id, prompt, maxTokens: 1 }, signal)
  const from = isReadable ? ports : { ...ports, engine: await unanswered(ports, prompt, signal) }
  const asked = { ...want, temperature, topP: 1, maxTokens, keepsStop }
  await sampleGroup(from, asked, samples, signal)
  return { type: 'item.attempted', order }
}

/** The answers of an item, with their forced openings, as the judge reads them. */
function answersOf(
  { asking, store }: GradeItemPorts,
  order: ItemOrder,
): (Pick<RolloutRow, 'id' | 'text' | 'finish_reason'> & { isUnasked: boolean })[] {
  const opening = openingOf(asking, order)
  return groupIds(order.id, order.samples).map(id => {
    const rollout = store.cached('rollouts', id)
    if (!rollout) throw new Error(`Cannot grade item ${id} as it was not attempted`)
    const isUnasked = rollout.ids.length === 0
    return { id, text: opening + rollout.text, finish_reason: rollout.finish_reason, isUnasked }
  })
}

type ItemAnswer = ReturnType<typeof answersOf>[number]

type JudgeItemPorts = JudgePorts & {
  suites: Suites
  /** For suites that are benchmarks. */
  graders: Pick<Graders, 'grade'>
  sandbox: Pick<Sandbox, 'readLiteral'>
}

export type GradeItemPorts = JudgeItemPorts & {
  asking: Dialect
  store: Pick<Store, 'memo' | 'cached' | 'forget'>
}

/** Judges an item with its benchmark's grader, or as a task of self-play. */
async function judgeItem(
  ports: JudgeItemPorts,
  order: ItemOrder,
  answers: ItemAnswer[],
  signal: AbortSignal,
): Promise<Pick<Judged, 'verdict' | 'parsed' | 'reason' | 'executions'>[]> {
  const { suites, graders } = ports
  const { benchmark, item } = itemOf(suites, order)
  if (answers.every(({ isUnasked }) => isUnasked)) {
    return answers.map(() => ({ verdict: 'wrong', parsed: null, reason: tooLong, executions: [] }))
  }
  const asked = benchmark.taskOf?.(item)
  if (!asked) {
    return Promise.all(
      answers.map(async ({ text }) => {
        const { verdict, extracted, detail } = await graders.grade(benchmark, item, text, signal)
        return { verdict, parsed: extracted, reason: detail, executions: [] }
      }),
    )
  }
  const task = await withCanonical(ports, asked, signal)
  // All hidden pairs count, whatever the reward: an ablation must not change its own measure.
  return Promise.all(answers.map(answer => judgeAnswer(ports, answer, task, 'binary', signal)))
}

export async function gradeItem(
  ports: GradeItemPorts,
  order: ItemOrder,
  signal: AbortSignal,
): Promise<FromExecutor> {
  const { store, asking } = ports
  const { step, suite, kind, mode, item } = order
  const answers = answersOf(ports, order)
  const texts = answers.map(({ text, finish_reason }) => [text, finish_reason])
  const input_hash = hashOf([texts, suite, kind, item])
  await store.memo('evaluation_items', order.id, input_hash, async () => {
    const judged = await judgeItem(ports, order, answers, signal)
    const rows = judged.map(({ verdict, parsed, reason }, i): EvaluationItemRow => {
      const { id, text } = answers[i] as (typeof answers)[number]
      return {
        id,
        step: parseKey(id).step,
        made_in: step,
        suite,
        kind,
        mode,
        item,
        verdict,
        extracted: parsed,
        detail: reason,
        input_hash,
        scratch: asking.hasScratch(text),
      }
    })
    const [row, ...others] = rows as [EvaluationItemRow, ...EvaluationItemRow[]]
    const also = others.map((other): Write => ({ table: 'evaluation_items', row: other }))
    const executions = judged.flatMap(one => one.executions).map(run => ({ ...run, step }))
    return { row, also: [...also, ...executionWrites(executions)] }
  })
  const ids = answers.map(({ id }) => id)
  const verdicts = ids.map(id => store.cached('evaluation_items', id)?.verdict)
  store.forget(ids)
  const correct = verdicts.filter(verdict => verdict === 'correct').length
  return { type: 'item.graded', order, correct }
}
