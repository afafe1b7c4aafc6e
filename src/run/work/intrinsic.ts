/** Measures the step's proposals apart from their learnability, on bounded samples. */
import { bufferOf } from '../../../domain/curriculum.ts'
import {
  type Measures,
  measure,
  measureNames,
  rewardedMeasures,
} from '../../../domain/intrinsic.ts'
import type { Kinds } from '../../../domain/kinds/index.ts'
import { mean } from '../../../domain/metrics.ts'
import { stream } from '../../../domain/rng.ts'
import type { Kind, Task } from '../../../domain/task.ts'
import type { Config } from '../../config/config.ts'
import type { Planned } from './plan.ts'
import type { Settlement } from './settle.ts'

/** Size of the sample that represents a buffer. It is drawn again in every step. */
const sampleSize = 64
/** Proposals of a kind that are measured if no reward depends on it. */
const measuredAtMost = 16
/** Programs to compare with if the prompt showed none: as many as the paper's K. */
const referencesAtMost = 6

type Found = { id: string; kind: Kind; measures: Measures }

type MeasurePorts = { config: Config; kinds: Kinds }
type Measuring = Pick<Planned, 'step' | 'stock' | 'tasks'>

async function measureKind(
  { config, kinds }: MeasurePorts,
  { step, stock, tasks }: Measuring,
  kind: Kind,
  accepted: Settlement[],
): Promise<Found[]> {
  const rng = stream(config.seed, 'measure', step, kind)
  const hashes = rng.sample(bufferOf(stock.buffers, kind), sampleSize)
  const isRewarded = rewardedMeasures(config.reward).length > 0
  const chosen = isRewarded ? accepted : rng.sample(accepted, measuredAtMost)
  if (chosen.length === 0) return []
  await tasks.load(hashes)
  const sample = hashes.map(tasks.of)
  return chosen.map(({ candidate: { order, task } }) => {
    const shown = order.references.map(tasks.of)
    const references = shown.length > 0 ? shown : sample.slice(0, referencesAtMost)
    const measures = measure(kinds.of(kind), task as Task, references, sample)
    return { id: order.id, kind, measures }
  })
}

/**
 * `complexity.deduction`, `editDistance.abduction` and so on: means over the measured proposals.
 */
function figuresOf({ names }: Kinds, found: readonly Found[]): Record<string, number> {
  const figures: Record<string, number> = {}
  for (const kind of names) {
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

/**
 * The measures by proposal, and their means for the curves. A seeding has none, because it has no
 * rewards.
 */
export async function measureProposals(
  ports: MeasurePorts,
  planned: Measuring,
  settlements: readonly Settlement[],
): Promise<{ measures: Map<string, Measures>; figures: Record<string, number> }> {
  if (planned.step === 0) return { measures: new Map(), figures: {} }
  const accepted = settlements.filter(({ verdict }) => verdict === 'accepted')
  const found: Found[] = []
  for (const kind of ports.kinds.names) {
    const mine = accepted.filter(({ candidate }) => candidate.order.kind === kind)
    found.push(...(await measureKind(ports, planned, kind, mine)))
  }
  const measures = new Map(found.map(({ id, measures }) => [id, measures]))
  return { measures, figures: figuresOf(ports.kinds, found) }
}
