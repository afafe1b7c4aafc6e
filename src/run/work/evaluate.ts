/**
 * Held-out suites: which items are due, all answers to an item in one mode (one unit of work), their
 * verdicts, and the rows that add them up. Not here: the schedule, which is pure (domain/schedule).
 */
import type { FromEvaluator, FromExecutor, ItemOrder } from '../../../actors/messages.ts'
import type { Sandbox } from '../../../domain/execution.ts'
import { hashOf } from '../../../domain/hash.ts'
import { formatKey, parseKey } from '../../../domain/key.ts'
import type { Dialect } from '../../../domain/prompts/dialect.ts'
import { suitesDue } from '../../../domain/schedule.ts'
import { figuresOf } from '../../../domain/score.ts'
import type { Task } from '../../../domain/task.ts'
import type { EvaluationItemRow, Reading, RolloutRow, Store, Write } from '../../../state/types.ts'
import type { Graders } from '../../benchmarks/graders.ts'
import type { Suite } from '../../benchmarks/suites.ts'
import type { Config } from '../../config/config.ts'
import { executionWrites, type Judged, type JudgePorts, judgeAnswer } from './answer.ts'
import { groupIds, type SamplePorts, sampleGroup } from './sample.ts'

type Suites = Map<string, Suite>

/**
 * One order for each item, kind and mode that is due; what two parts ask for is answered once. Kinds
 * that are not in play are scored too: what they lose or gain is part of the result.
 */
export function itemOrders(config: Config, suites: Suites, step: number): ItemOrder[] {
  const orders = suitesDue(config, step).flatMap(({ suites: names, items: most, modes }) =>
    names.flatMap(suite =>
      [...(suites.get(suite)?.byKind ?? [])].flatMap(([kind, items]) =>
        items.slice(0, most ?? undefined).flatMap((_, item) =>
          modes.map((mode): ItemOrder => {
            const group = `${suite}:${kind}:${mode}`
            const key = { step, purpose: 'evaluate', kind: group, index: item, sample: 0 } as const
            const samples = mode === 'sampled' ? config.evaluate.samples : 1
            return { id: formatKey(key), attempt: 0, kind, suite, item, mode, samples }
          }),
        ),
      ),
    ),
  )
  return [...new Map(orders.map(order => [order.id, order])).values()]
}

function itemOf(suites: Suites, { suite, kind, item }: ItemOrder) {
  const { benchmark, byKind } = suites.get(suite) ?? {}
  const found = byKind?.get(kind)?.[item]
  if (!benchmark || !found) throw new Error(`Cannot find item ${item} of ${suite}, ${kind}`)
  return { benchmark, item: found }
}

/** Expected outputs are read by the front as literals, once. */
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

export type AttemptPorts = SamplePorts & {
  config: Config
  dialect: Dialect
  suites: Suites
}

export async function attemptItem(
  ports: AttemptPorts,
  order: ItemOrder,
  policyVersion: number,
  signal: AbortSignal,
): Promise<FromEvaluator> {
  const { id, kind, mode, samples } = order
  const { suites, dialect } = ports
  const { benchmark, item } = itemOf(suites, order)
  const prompt = benchmark.prompt(item, dialect) + openingOf(dialect, order)
  const { maxTokens, temperature: heat } = ports.config.evaluate
  const temperature = mode === 'sampled' ? heat : 0
  // A benchmark's own prompt is no continuation of ours.
  const stop = benchmark.taskOf ? dialect.stopsOf('solver', kind) : dialect.stop
  const want = { id, role: 'solver', kind, task: null, prompt, policyVersion, stop } as const
  await sampleGroup(ports, { ...want, temperature, topP: 1, maxTokens }, samples, signal)
  return { type: 'item.attempted', order }
}

/** The answers of an item as the judge reads them: with what they were made to begin with. */
function answersOf(
  { dialect, store }: GradeItemPorts,
  order: ItemOrder,
): Pick<RolloutRow, 'id' | 'text' | 'finish_reason'>[] {
  const opening = openingOf(dialect, order)
  return groupIds(order.id, order.samples).map(id => {
    const rollout = store.cached('rollouts', id)
    if (!rollout) throw new Error(`Cannot grade item ${id} as it was not attempted`)
    return { id, text: opening + rollout.text, finish_reason: rollout.finish_reason }
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
  dialect: Dialect
  store: Pick<Store, 'memo' | 'cached'>
}

/** By the benchmark's own grader, or as tasks of self-play are judged. */
async function judgeItem(
  ports: JudgeItemPorts,
  order: ItemOrder,
  answers: ItemAnswer[],
  signal: AbortSignal,
): Promise<Pick<Judged, 'verdict' | 'parsed' | 'reason' | 'executions'>[]> {
  const { suites, graders } = ports
  const { benchmark, item } = itemOf(suites, order)
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
  // All hidden pairs, whatever is rewarded: an ablation does not change what it is measured by.
  return Promise.all(answers.map(answer => judgeAnswer(ports, answer, task, 'binary', signal)))
}

export async function gradeItem(
  ports: GradeItemPorts,
  order: ItemOrder,
  signal: AbortSignal,
): Promise<FromExecutor> {
  const { store, dialect } = ports
  const { suite, kind, mode, item } = order
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
        suite,
        kind,
        mode,
        item,
        verdict,
        extracted: parsed,
        detail: reason,
        input_hash,
        scratch: dialect.hasScratch(text),
      }
    })
    const [row, ...others] = rows as [EvaluationItemRow, ...EvaluationItemRow[]]
    const also = others.map((other): Write => ({ table: 'evaluation_items', row: other }))
    return { row, also: [...also, ...judged.flatMap(one => executionWrites(one.executions))] }
  })
  const correct = rowsOf(store, order).filter(({ verdict }) => verdict === 'correct').length
  return { type: 'item.graded', order, correct }
}

function rowsOf(store: Pick<Store, 'cached'>, { id, samples }: ItemOrder): EvaluationItemRow[] {
  return groupIds(id, samples).map(answer => {
    const row = store.cached('evaluation_items', answer)
    if (!row) throw new Error(`Cannot add up item ${answer} as it was not graded`)
    return row
  })
}

/** One row for each suite, kind and mode that was due, from the verdicts of its items. */
export async function scoreSuites(
  store: Pick<Store, 'write' | 'cached'> & Reading<'evaluations'>,
  step: number,
  orders: readonly ItemOrder[],
): Promise<void> {
  const stored = await store.read.evaluations()
  if (stored.some(row => row.step === step)) return
  const groups = Map.groupBy(orders, ({ suite, kind, mode }) => `${suite}:${kind}:${mode}`)
  const writes = [...groups.values()].map((members): Write => {
    const { suite, kind, mode, samples } = members[0] as ItemOrder
    const figures = figuresOf(
      members.map(order => {
        const rows = rowsOf(store, order)
        const verdicts = rows.map(({ verdict }) => verdict)
        return { verdicts, scratched: rows.filter(({ scratch }) => scratch).length }
      }),
    )
    return { table: 'evaluations', row: { suite, step, kind, mode, samples, ...figures } }
  })
  await store.write(writes)
}
