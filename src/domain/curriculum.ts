/**
 * The plan of a step: which references, programs and tasks are drawn. A pure function of the
 * config, the seed and the buffers as they stood; lists are hashes of tasks, oldest first.
 */
import type { Config } from '../config.ts'
import { formatKey } from './key.ts'
import { stream } from './rng.ts'
import type { Kind } from './task.ts'

export type Buffers = Record<Kind, string[]>

export type ProposalPlan = {
  id: string
  kind: Kind
  references: string[]
  program: string | null
}

export type SolvePlan = { id: string; kind: Kind; task: string }

/** The newest `capacity` tasks: a full buffer drops its oldest. */
export function bounded(buffer: string[], capacity: number): string[] {
  return buffer.slice(-capacity)
}

/**
 * Proposals of every kind for one step, or for one round of seeding. Induction takes its program
 * from the union of the deduction and abduction buffers, the others K references from their own.
 */
export function planProposals(
  config: Config,
  at: { step: number; round: number; batch: number },
  kinds: readonly Kind[],
  buffers: Buffers,
): ProposalPlan[] {
  const purpose = at.step === 0 ? 'seed' : 'propose'
  const programs = [...buffers.deduction, ...buffers.abduction]
  return kinds
    .flatMap(kind =>
      Array.from({ length: at.batch }, (_, i) => {
        // Index 0 of the seeding is the zero task, which no model wrote.
        const index = at.round * at.batch + i + (at.step === 0 ? 1 : 0)
        const id = formatKey({ step: at.step, purpose, kind, index, sample: 0 })
        const rng = stream(config.seed, 'references', id)
        if (kind === 'induction') {
          return { id, kind, references: [], program: rng.sample(programs, 1)[0] ?? null }
        }
        const references = rng.sample(buffers[kind], config.propose.references)
        return { id, kind, references, program: null }
      }),
    )
    .filter(({ kind, program }) => kind !== 'induction' || program !== null)
}

/**
 * The solver's batch of a kind: new tasks first, then others of the buffer without repeating, then
 * with repeating where the buffer is too small.
 */
export function drawTasks(
  config: Config,
  step: number,
  kind: Kind,
  fresh: readonly string[],
  buffer: readonly string[],
): string[] {
  const { batch } = config.solve
  const rng = stream(config.seed, 'solve', step, kind)
  const chosen = rng.sample(fresh, batch)
  const others = buffer.filter(hash => !fresh.includes(hash))
  chosen.push(...rng.sample(others, batch - chosen.length))
  const all = [...fresh, ...others]
  while (chosen.length < batch && all.length > 0) chosen.push(all[rng.int(all.length)] as string)
  return chosen
}

/** Orders for the drawn tasks; those whose estimate serves as training are left out. */
export function planSolves(
  config: Config,
  step: number,
  kind: Kind,
  tasks: readonly string[],
  reused: ReadonlySet<string>,
): SolvePlan[] {
  return tasks.flatMap((task, index) => {
    if (reused.has(task)) return []
    return Array.from({ length: config.solve.samples }, (_, sample) => ({
      id: formatKey({ step, purpose: 'solve', kind, index, sample }),
      kind,
      task,
    }))
  })
}
