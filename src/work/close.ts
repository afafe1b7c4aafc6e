/** The end of a step: held-out suites where they are due, then the step's own row and its curves. */
import type { ItemOrder, SampleOrder } from '../../actors/messages.ts'
import type { Place, Plan } from '../../actors/run-setup.ts'
import type { NewRow, Write } from '../../state/types.ts'
import type { Config } from '../config.ts'
import { formatIndex, formatStep } from '../domain/key.ts'
import { stepMetrics } from '../domain/metrics.ts'
import type { Ports } from './ports.ts'
import type { Suite } from './suites.ts'

export function isEvaluated({ steps, evaluate }: Config, step: number): boolean {
  return step % evaluate.every === 0 || step === steps
}

/** One order for each item, kind and mode of the suites. */
export function itemOrders(config: Config, suites: Map<string, Suite>, step: number): ItemOrder[] {
  const { items, modes } = config.evaluate
  return [...suites].flatMap(([suite, tasks]) =>
    config.kinds.flatMap(kind =>
      tasks[kind].slice(0, items ?? undefined).flatMap((_, item) =>
        modes.map((mode): ItemOrder => {
          const group = `${suite}:${kind}:${mode}`
          const id = `${formatStep(step)}.evaluate.${group}.${formatIndex(item)}.0`
          return { id, attempt: 0, kind, suite, item, mode }
        }),
      ),
    ),
  )
}

export async function planEvaluation(ports: Ports, { step }: Place): Promise<Plan> {
  const { config, suites, session } = ports
  session.times.markMs = performance.now()
  if (!isEvaluated(config, step)) return { orders: [] }
  const orders = itemOrders(config, suites, step)
  return { orders: orders.map((order): SampleOrder => ({ to: 'evaluator', order })) }
}

function graded(ports: Ports) {
  const { store } = ports
  return store.rowsOf('grades').flatMap(grade => {
    const rollout = store.cached('rollouts', grade.id)
    if (!rollout) return []
    const { role, kind, verdict, reward, success_rate: successRate } = grade
    const { purpose, finish_reason: finishReason } = rollout
    const tokens = rollout.ids.byteLength / 4
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
  return {
    loss: row.loss,
    'gradient.norm': row.gradient_norm,
    entropy: row.entropy,
    'mismatch.kl': row.mismatch_kl,
    'mismatch.k3': row.mismatch_k3,
    'clip.fraction': row.clip_fraction,
  }
}

export async function closeStep(ports: Ports, { step, version }: Place): Promise<void> {
  const { config, session, store } = ports
  const { times } = session
  times.evaluateMs += performance.now() - times.markMs
  const row = stepRow(ports, version)
  const evaluations = (await store.read.evaluations()).filter(found => found.step === step)
  const metrics: Record<string, number> = {
    ...stepMetrics(graded(ports), config.kinds),
    ...updateFigures(ports),
    ...session.figures,
    ...Object.fromEntries(
      evaluations.map(({ suite, kind, mode, accuracy }) => [`${suite}.${kind}.${mode}`, accuracy]),
    ),
  }
  for (const kind of config.kinds) {
    const size = session.buffers[kind].length + session.accepted[kind].length
    metrics[`buffer.${kind}`] = Math.min(config.buffer.capacity, size)
  }
  const writes = Object.entries(metrics).map(([name, value]): Write => {
    return { table: 'metrics', row: { step, name, value } }
  })
  await store.write([{ table: 'steps', row }, ...writes])
  ports.onStep(row, metrics)
}
