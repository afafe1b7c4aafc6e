/** Ends a step: writes its row and its curves. */
import type { Closed, Place } from '../../../actors/run-context.ts'
import { bufferOf } from '../../../domain/curriculum.ts'
import type { Kinds } from '../../../domain/kinds/index.ts'
import { stepMetrics } from '../../../domain/metrics.ts'
import { passRate } from '../../../domain/statistics.ts'
import { tokenCount } from '../../../state/packing.ts'
import type { NewRow, Reading, Row, Store, Write } from '../../../state/types.ts'
import type { Clock } from './clock.ts'
import type { Stock } from './stock.ts'
import type { Watch } from './watch.ts'

type Rows = Pick<Store, 'rowsOf' | 'cached' | 'count'>

export type ClosePorts = {
  kinds: Kinds
  store: Rows & Pick<Store, 'write'> & Reading<'evaluations'>
  /** Counts of the sandbox since the last call; empty in a replay. */
  sandboxCounts: () => Record<string, number>
  /** Savings of the engine's prefix cache since the last call; empty in a replay. */
  engineCounts: () => Promise<Record<string, number>>
  /** Called after each step. It decides whether the run continues. */
  watch: Watch
  /** Called for each finished step. */
  onStep: (row: NewRow<'steps'>, metrics: Record<string, number>) => void
}

/** Results of the step that no row has. */
type Closing = {
  place: Place
  /** The stock of the next step. */
  stock: Stock
  trained: number
  figures: Record<string, number>
  times: ReturnType<Clock['read']>
}

function graded(store: Rows) {
  return store.rowsOf('grades').flatMap(grade => {
    const rollout = store.cached('rollouts', grade.id)
    if (!rollout) return []
    const { role, kind, verdict, reward, success_rate: successRate } = grade
    const { purpose, finish_reason: finishReason } = rollout
    const tokens = tokenCount(rollout.ids)
    return [{ role, kind, purpose, verdict, reward, successRate, tokens, finishReason }]
  })
}

function stepRow(store: Rows, { place, trained, times }: Closing): NewRow<'steps'> {
  const tasks = store.rowsOf('tasks')
  return {
    step: place.step,
    // Not `place.version`: that is 0 if the base model was scored last.
    policy_version: place.step,
    proposals: tasks.length,
    accepted: tasks.filter(({ verdict }) => verdict === 'accepted').length,
    rollouts: store.count('rollouts'),
    executions: store.count('executions'),
    trained,
    ...times,
  }
}

function updateFigures(store: Rows): Record<string, number> {
  const row = store.rowsOf('updates')[0]
  if (!row) return {}
  const { mismatchKl = {} } = row.layout as { mismatchKl?: Record<string, number> }
  const byGroup = Object.entries(mismatchKl).map(([name, kl]) => [`mismatch.kl.${name}`, kl])
  return {
    ...Object.fromEntries(byGroup),
    loss: row.loss,
    'gradient.norm': row.gradient_norm,
    entropy: row.entropy,
    'mismatch.kl': row.mismatch_kl,
    'mismatch.k3': row.mismatch_k3,
    'clip.fraction': row.clip_fraction,
  }
}

/**
 * Figures of an evaluation: `micro-easy.deduction.sampled`, and the same with `.pass` and
 * `.scratch`. All are shares.
 */
function evaluationFigures(row: Row<'evaluations'>): Record<string, number> {
  const { suite, kind, mode, items, samples, accuracy, scratched } = row
  const name = `${suite}.${kind}.${mode}`
  const figures: Record<string, number> = { [name]: accuracy }
  if (mode === 'sampled') figures[`${name}.pass`] = passRate(row)
  if (mode === 'greedy' || mode === 'sampled') {
    figures[`${name}.scratch`] = items === 0 ? 0 : scratched / (items * samples)
  }
  return figures
}

const figuresIn = (rows: Row<'evaluations'>[]): Record<string, number> =>
  Object.assign({}, ...rows.map(evaluationFigures))

export async function closeStep(ports: ClosePorts, closing: Closing): Promise<Closed> {
  const { kinds, store } = ports
  const { place, stock } = closing
  const { step } = place
  const row = stepRow(store, closing)
  const evaluations = (await store.read.evaluations()).filter(found => found.made_in === step)
  const metrics: Record<string, number> = {
    ...stepMetrics(graded(store), kinds.played),
    ...updateFigures(store),
    ...closing.figures,
    ...ports.sandboxCounts(),
    ...(await ports.engineCounts()),
    ...figuresIn(evaluations.filter(found => found.step === step)),
  }
  const ofBase = figuresIn(evaluations.filter(found => found.step !== step))
  for (const kind of kinds.played) {
    metrics[`buffer.${kind}`] = bufferOf(stock.buffers, kind).length
  }
  const curves = (step: number, figures: Record<string, number>) =>
    Object.entries(figures).map(([name, value]): Write => {
      return { table: 'metrics', row: { step, made_in: place.step, name, value } }
    })
  await store.write([{ table: 'steps', row }, ...curves(step, metrics), ...curves(0, ofBase)])
  const closed = await ports.watch(step)
  ports.onStep(row, metrics)
  return closed
}
