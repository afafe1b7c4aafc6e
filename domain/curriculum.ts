/**
 * The plan of a step: which references, programs and tasks are drawn. A pure function of the
 * config, the seed and the buffers as they stood; lists are hashes of tasks, oldest first.
 */
import { formatKey } from './key.ts'
import { learnabilityWeight, recencyWeight, type TaskRecord } from './record.ts'
import { type Rng, stream } from './rng.ts'
import type { CurriculumSettings } from './settings.ts'
import { type Kind, kinds } from './task.ts'

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
 * Kinds that the seeding fills: those in play and, where induction has no other at its side, both
 * that its programs come from. Their buffers then stay as the seeding left them.
 */
export function kindsToFill(config: CurriculumSettings): Kind[] {
  const needsPrograms = config.kinds.length === 1 && config.kinds[0] === 'induction'
  return kinds.filter(kind => needsPrograms || config.kinds.includes(kind))
}

/** Kinds that a round of the seeding proposes; none: it is over. */
export function kindsToSeed(config: CurriculumSettings, round: number, buffers: Buffers): Kind[] {
  const { size, rounds, inductionLast } = config.seeding
  if (round >= rounds) return []
  const open = kindsToFill(config).filter(kind => buffers[kind].length < size)
  const programs = open.filter(kind => kind !== 'induction')
  return inductionLast && round < rounds / 2 && programs.length > 0 ? programs : open
}

/** K: how many references stand in a prompt. */
function referencesOf({ seeding, propose }: CurriculumSettings, step: number): number {
  return step === 0 ? (seeding.references ?? propose.references) : propose.references
}

/** Different items, all as likely where there are no weights. */
function draw(
  rng: Rng,
  items: readonly string[],
  n: number,
  weightOf: ((hash: string) => number) | null,
): string[] {
  return weightOf ? rng.weighted(items, items.map(weightOf), n) : rng.sample(items, n)
}

/**
 * Proposals of every kind for one step, or for one round of seeding. Induction takes its program
 * from the union of the deduction and abduction buffers, the others K references from their own.
 */
export function planProposals(
  config: CurriculumSettings,
  at: { step: number; round: number; batch: number },
  wanted: readonly Kind[],
  buffers: Buffers,
  record: TaskRecord,
): ProposalPlan[] {
  const purpose = at.step === 0 ? 'seed' : 'propose'
  const programs = [...buffers.deduction, ...buffers.abduction]
  const isUniform = config.propose.draw === 'uniform'
  const weightOf = isUniform ? null : (hash: string) => recencyWeight(record, hash)
  return wanted
    .flatMap(kind =>
      Array.from({ length: at.batch }, (_, i) => {
        // Index 0 of the seeding is the zero task, which no model wrote.
        const index = at.round * at.batch + i + (at.step === 0 ? 1 : 0)
        const id = formatKey({ step: at.step, purpose, kind, index, sample: 0 })
        const rng = stream(config.seed, 'references', id)
        if (kind === 'induction') {
          return { id, kind, references: [], program: draw(rng, programs, 1, weightOf)[0] ?? null }
        }
        const references = draw(rng, buffers[kind], referencesOf(config, at.step), weightOf)
        return { id, kind, references, program: null }
      }),
    )
    .filter(({ kind, program }) => kind !== 'induction' || program !== null)
}

/**
 * The solver's batch of a kind: new tasks first, then others of the buffer without repeating, then
 * with repeating where the buffer is too small. Drawn by learnability, tasks that were solved always
 * or never come only where nothing else is left.
 */
export function drawTasks(
  config: CurriculumSettings,
  step: number,
  kind: Kind,
  fresh: readonly string[],
  buffer: readonly string[],
  record: TaskRecord,
): string[] {
  const { batch } = config.solve
  const rng = stream(config.seed, 'solve', step, kind)
  const isUniform = config.solve.draw === 'uniform'
  const weightOf = isUniform ? null : (hash: string) => learnabilityWeight(record, hash)
  const known = new Set(fresh)
  const others = buffer.filter(hash => !known.has(hash))
  const chosen = draw(rng, fresh, Math.round(batch * config.solve.fresh), weightOf)
  chosen.push(...draw(rng, others, batch - chosen.length, weightOf))
  const all = [...fresh, ...others]
  if (chosen.length < batch) {
    const taken = new Set(chosen)
    const rest = all.filter(hash => !taken.has(hash))
    chosen.push(...rng.sample(rest, batch - chosen.length))
  }
  while (chosen.length < batch && all.length > 0) chosen.push(all[rng.int(all.length)] as string)
  return chosen
}

/** Orders for the drawn tasks; those whose estimate serves as training are left out. */
export function planSolves(
  config: CurriculumSettings,
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
