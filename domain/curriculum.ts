/**
 * Plans a step: draws references, programs and tasks. A pure function of the config, the seed and
 * the buffers. Lists are hashes of tasks, oldest first.
 */
import { formatKey } from './key.ts'
import type { Kinds } from './kinds/index.ts'
import { learnabilityWeight, recencyWeight, type TaskRecord } from './record.ts'
import { type Rng, stream } from './rng.ts'
import type { CurriculumSettings } from './settings.ts'
import type { Kind } from './task.ts'

export type Buffers = Record<Kind, string[]>

export type ProposalPlan = {
  id: string
  kind: Kind
  references: string[]
  program: string | null
}

/** The material that the proposals of a step draw from. */
export type Sources = {
  buffers: Buffers
  record: TaskRecord
  /** The user's own functions (`propose.corpus`), and the tasks that were made of them. */
  corpus: readonly string[]
  grounded: ReadonlySet<string>
}

/**
 * Programs that a proposal may use instead of the one it drew, in keyed order. They come from the
 * corpus first if that one did.
 */
export function programsFor(
  config: CurriculumSettings,
  kinds: Kinds,
  sources: Sources,
  id: string,
): string[] {
  const programs = [...new Set(programsIn(kinds, sources.buffers))]
  const rng = stream(config.seed, 'programs', id)
  const own = isFromCorpus(config, sources, id) ? rng.shuffle(sources.corpus) : []
  return [...own, ...draw(rng, programs, programs.length, weightOf(config, sources.record))]
}

/** `id` is the id of the first answer. */
export type SolvePlan = { id: string; kind: Kind; task: string; samples: number }

export const bufferOf = (buffers: Buffers, kind: Kind): string[] => buffers[kind] ?? []

/** The newest `capacity` tasks. */
export function bounded(buffer: string[], capacity: number): string[] {
  return buffer.slice(-capacity)
}

/**
 * Kinds that the seeding fills: those in play. If one of them needs programs and none in play
 * provides any, all kinds that do are added; their buffers never change after the seeding.
 */
export function kindsToFill({ all, played, of }: Kinds): Kind[] {
  const mine = played.map(of)
  const needsPrograms =
    mine.some(({ from }) => from === 'program') && !mine.some(kind => kind.givesPrograms)
  return all.flatMap(({ name, givesPrograms }) =>
    played.includes(name) || (needsPrograms && givesPrograms) ? [name] : [],
  )
}

/** Kinds that a round of the seeding proposes. Without any the seeding is over. */
export function kindsToSeed(
  kinds: Kinds,
  { size, rounds, inductionLast }: CurriculumSettings['seeding'],
  round: number,
  buffers: Buffers,
): Kind[] {
  if (round >= rounds) return []
  const open = kindsToFill(kinds).filter(kind => bufferOf(buffers, kind).length < size)
  const first = open.filter(kind => kinds.of(kind).from !== 'program')
  return inductionLast && round < rounds / 2 && first.length > 0 ? first : open
}

/** K, the number of references in a prompt. */
function referencesOf({ seeding, propose }: CurriculumSettings, step: number): number {
  return step === 0 ? (seeding.references ?? propose.references) : propose.references
}

/** Draws different items. Without weights all are equally likely. */
function draw(
  rng: Rng,
  items: readonly string[],
  n: number,
  weightOf: ((hash: string) => number) | null,
): string[] {
  return weightOf ? rng.weighted(items, items.map(weightOf), n) : rng.sample(items, n)
}

const programsIn = ({ all }: Kinds, buffers: Buffers) =>
  all.filter(({ givesPrograms }) => givesPrograms).flatMap(({ name }) => bufferOf(buffers, name))

/** The weight with which a reference is drawn; null if all are equally likely. */
const weightOf = ({ propose }: CurriculumSettings, record: TaskRecord) =>
  propose.draw === 'uniform' ? null : (hash: string) => recencyWeight(record, hash)

/** A keyed draw: the configured share of proposals begins with the corpus. */
function isFromCorpus({ seed, propose }: CurriculumSettings, { corpus }: Sources, id: string) {
  return corpus.length > 0 && stream(seed, 'corpus', id).next() < propose.corpusShare
}

/**
 * Tasks on functions of the corpus. They come from kinds whose pairs may be tasks of other kinds,
 * and are references for those.
 */
const groundedIn = ({ all }: Kinds, { buffers, grounded }: Sources) =>
  all
    .filter(({ instances }) => instances === 'given')
    .flatMap(({ name }) => bufferOf(buffers, name).filter(hash => grounded.has(hash)))

/**
 * Proposals of every kind for one step, or for one round of seeding. A kind takes K references from
 * its own buffer, or a program from any buffer that provides programs. If there is no program, the
 * kind waits. A share of the proposals takes them from the corpus, as far as it has any.
 */
export function planProposals(
  config: CurriculumSettings,
  kinds: Kinds,
  at: { step: number; round: number; batch: number },
  wanted: readonly Kind[],
  sources: Sources,
): ProposalPlan[] {
  const { buffers, corpus, record } = sources
  const purpose = at.step === 0 ? 'seed' : 'propose'
  const programs = programsIn(kinds, buffers)
  const grounded = groundedIn(kinds, sources)
  const weight = weightOf(config, record)
  return wanted.flatMap(kind =>
    Array.from({ length: at.batch }, (_, i): ProposalPlan[] => {
      // Index 0 of the seeding is the zero task, which is written by hand.
      const index = at.round * at.batch + i + (at.step === 0 ? 1 : 0)
      const id = formatKey({ step: at.step, purpose, kind, index, sample: 0 })
      const rng = stream(config.seed, 'references', id)
      const isOwn = isFromCorpus(config, sources, id)
      const { from, instances } = kinds.of(kind)
      if (from === 'program') {
        const [program] = isOwn ? rng.sample(corpus, 1) : draw(rng, programs, 1, weight)
        return program === undefined ? [] : [{ id, kind, references: [], program }]
      }
      const count = referencesOf(config, at.step)
      const first = isOwn && instances === 'taken' ? draw(rng, grounded, count, weight) : []
      const rest = draw(rng, bufferOf(buffers, kind), count - first.length, weight)
      return [{ id, kind, references: [...first, ...rest], program: null }]
    }).flat(),
  )
}

/**
 * The solver's batch of a kind: new tasks first, then other tasks of the buffer, each once, then
 * with repeats if the buffer is too small. If drawn by learnability, tasks that were always or
 * never solved come last.
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

/** Orders for the drawn tasks, except those whose estimate is also used for training. */
export function planSolves(
  config: CurriculumSettings,
  step: number,
  kind: Kind,
  tasks: readonly string[],
  reused: ReadonlySet<string>,
): SolvePlan[] {
  return tasks.flatMap((task, index) => {
    if (reused.has(task)) return []
    const id = formatKey({ step, purpose: 'solve', kind, index, sample: 0 })
    return [{ id, kind, task, samples: config.solve.samples }]
  })
}
