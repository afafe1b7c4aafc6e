/** The end of a step: its own row and its curves. */
import type { Closed, Place } from '../../../actors/run-context.ts'
import { stepMetrics } from '../../../domain/metrics.ts'
import { passRate } from '../../../domain/statistics.ts'
import { tokenCount } from '../../../state/packing.ts'
import type { NewRow, Row, Write } from '../../../state/types.ts'
import type { Ports } from './ports.ts'

function graded(ports: Ports) {
  const { store } = ports
  return store.rowsOf('grades').flatMap(grade => {
    const rollout = store.cached('rollouts', grade.id)
    if (!rollout) return []
    const { role, kind, verdict, reward, success_rate: successRate } = grade
    const { purpose, finish_reason: finishReason } = rollout
    const tokens = tokenCount(rollout.ids)
    return [{ role, kind, purpose, verdict, reward, successRate, tokens, finishReason }]
  })
}

function stepRow(ports: Ports, version: number): NewRow<'steps'> {
  const { session, store } = ports
  const { wallMs, cpuMs, rollingMs, learnerMs, evaluateMs } = session.times
  const { user, system } = process.cpuUsage()
  const tasks = store.rowsOf('tasks')
  return {
    step: session.step,
    policy_version: version,
    proposals: tasks.length,
    accepted: tasks.filter(({ verdict }) => verdict === 'accepted').length,
    rollouts: store.rowsOf('rollouts').length,
    executions: store.rowsOf('executions').length,
    trained: session.batch.length,
    wall_ms: performance.now() - wallMs,
    rolling_ms: rollingMs,
    learner_ms: learnerMs,
    evaluate_ms: evaluateMs,
    own_cpu_ms: (user + system) / 1000 - cpuMs,
  }
}

function updateFigures(ports: Ports): Record<string, number> {
  const row = ports.store.rowsOf('updates')[0]
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

/** `micro-easy.deduction.sampled`, and under it `.pass` and `.scratch`: all are shares. */
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

export async function closeStep(ports: Ports, { step, version }: Place): Promise<Closed> {
  const { config, session, store } = ports
  const { times } = session
  times.evaluateMs += performance.now() - times.markMs
  const row = stepRow(ports, version)
  const evaluations = (await store.read.evaluations()).filter(found => found.step === step)
  const metrics: Record<string, number> = {
    ...stepMetrics(graded(ports), config.kinds),
    ...updateFigures(ports),
    ...session.figures,
    ...ports.sandboxCounts(),
    ...Object.assign({}, ...evaluations.map(evaluationFigures)),
  }
  for (const kind of config.kinds) {
    const size = session.buffers[kind].length + session.accepted[kind].length
    metrics[`buffer.${kind}`] = Math.min(config.buffer.capacity, size)
  }
  const writes = Object.entries(metrics).map(([name, value]): Write => {
    return { table: 'metrics', row: { step, name, value } }
  })
  await store.write([{ table: 'steps', row }, ...writes])
  const closed = await ports.watch(step)
  ports.onStep(row, metrics)
  return closed
}
