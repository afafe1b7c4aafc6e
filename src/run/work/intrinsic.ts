/** Measures what the step's proposals are worth beside their learnability, on bounded samples. */
import {
  type Measures,
  measure,
  measureNames,
  rewardedMeasures,
} from '../../../domain/intrinsic.ts'
import { mean } from '../../../domain/metrics.ts'
import { stream } from '../../../domain/rng.ts'
import { type Kind, kinds, type Task } from '../../../domain/task.ts'
import { loadTasks } from './plan.ts'
import { type Ports, taskOf } from './ports.ts'
import type { Settlement } from './settle.ts'

/** Tasks of a buffer that stand for all of it, drawn anew in every step. */
const sampleSize = 64
/** Proposals of a kind that are measured where nothing depends on it. */
const measuredAtMost = 16
/** What a program is held against where its prompt showed none: as many as the paper's K. */
const referencesAtMost = 6

type Found = { id: string; kind: Kind; measures: Measures }

async function measureKind(ports: Ports, kind: Kind, accepted: Settlement[]): Promise<Found[]> {
  const { config, session } = ports
  const rng = stream(config.seed, 'measure', session.step, kind)
  const hashes = rng.sample(session.buffers[kind], sampleSize)
  const isRewarded = rewardedMeasures(config.reward).length > 0
  const chosen = isRewarded ? accepted : rng.sample(accepted, measuredAtMost)
  if (chosen.length === 0) return []
  await loadTasks(ports, hashes)
  const sample = hashes.map(hash => taskOf(ports, hash))
  return chosen.map(({ candidate: { order, task } }) => {
    const shown = order.references.map(hash => taskOf(ports, hash))
    const references = shown.length > 0 ? shown : sample.slice(0, referencesAtMost)
    return { id: order.id, kind, measures: measure(task as Task, references, sample) }
  })
}

/** `complexity.deduction`, `editDistance.abduction` and so on: means over what was measured. */
function figuresOf(found: readonly Found[]): Record<string, number> {
  const figures: Record<string, number> = {}
  for (const kind of kinds) {
    for (const name of measureNames) {
      const values = found.flatMap(({ kind: own, measures }) =>
        own === kind && measures[name] !== undefined ? [measures[name]] : [],
      )
      const value = mean(values)
      if (value !== null) figures[`${name}.${kind}`] = value
    }
  }
  return figures
}

/** Measures by proposal; of a seeding there are none, as nothing is rewarded there. */
export async function measureProposals(
  ports: Ports,
  settlements: readonly Settlement[],
): Promise<Map<string, Measures>> {
  if (ports.session.step === 0) return new Map()
  const accepted = settlements.filter(({ verdict }) => verdict === 'accepted')
  const found: Found[] = []
  for (const kind of kinds) {
    const mine = accepted.filter(({ candidate }) => candidate.order.kind === kind)
    found.push(...(await measureKind(ports, kind, mine)))
  }
  ports.session.figures = figuresOf(found)
  return new Map(found.map(({ id, measures }) => [id, measures]))
}
