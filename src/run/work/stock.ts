/**
 * The tasks that a step draws from, as they were when it (or its round of the seeding) began. Each
 * stock is a new value: from the previous step in memory, or read from the store.
 */
import { type Buffers, bounded, bufferOf } from '../../../domain/curriculum.ts'
import { parseKey } from '../../../domain/key.ts'
import type { Kinds } from '../../../domain/kinds/index.ts'
import { type Answered, emptyRecord, noteAnswers, type TaskRecord } from '../../../domain/record.ts'
import type { SolverVerdict } from '../../../domain/reward.ts'
import type { Reading, Store } from '../../../state/types.ts'
import type { Config } from '../../config/config.ts'

export type Stock = {
  /** Hashes of tasks, oldest first. */
  buffers: Buffers
  /** The known hashes as a set. */
  known: ReadonlySet<string>
  /** The tasks that the previous step added. */
  previous: Buffers
  record: TaskRecord
  /** Hashes of the functions of `propose.corpus`, in order. They stay the same. */
  corpus: readonly string[]
  /** Hashes of tasks whose program is such a function. */
  grounded: ReadonlySet<string>
}

export function emptyStock(corpus: readonly string[] = []): Stock {
  const [known, grounded] = [new Set<string>(), new Set<string>()]
  return { buffers: {}, known, previous: {}, record: emptyRecord(), corpus, grounded }
}

/** The functions that the run's folder had when it began. */
export async function corpusOf(
  { propose }: Config,
  { read }: Reading<'corpus'>,
): Promise<string[]> {
  return propose.corpus === null ? [] : read.corpus(propose.corpus)
}

const knownIn = (buffers: Buffers) => new Set(Object.values(buffers).flat())

type Growth = { step: number; accepted: Buffers; grounded?: string[]; answers: Answered[] }

/** Adds a step's accepted tasks to the buffers, which drop their oldest, and notes its answers. */
export function grown(
  { config: { buffer, estimate }, kinds }: { config: Config; kinds: Kinds },
  { buffers: before, record: known, corpus, grounded: earlier }: Stock,
  { step, accepted, grounded = [], answers }: Growth,
): Stock {
  const record = { added: new Map(known.added), answers: new Map(known.answers) }
  noteAnswers(record, answers, estimate.samples)
  const buffers: Buffers = {}
  const previous: Buffers = {}
  for (const kind of kinds.names) {
    const fresh = bounded(bufferOf(accepted, kind), buffer.capacity)
    previous[kind] = fresh
    buffers[kind] = bounded(bufferOf(before, kind).concat(fresh), buffer.capacity)
    for (const hash of fresh) record.added.set(hash, step)
  }
  const all = knownIn(buffers)
  const kept = new Set([...earlier, ...grounded].filter(hash => all.has(hash)))
  return { buffers, known: all, previous, record, corpus, grounded: kept }
}

export type StockReads = 'buffer' | 'answers' | 'corpus' | 'grounded'

/** Reads the stock of a step from the rows of earlier ones. */
export async function readStock(
  { config, kinds, store }: { config: Config; kinds: Kinds; store: Reading<StockReads> },
  step: number,
): Promise<Stock> {
  const before = step - 1
  const [buffers, previous]: [Buffers, Buffers] = [{}, {}]
  const record = emptyRecord()
  for (const kind of kinds.names) {
    const rows = await store.read.buffer(kind, before, config.buffer.capacity)
    const added = rows.map(({ id, hash }) => ({ hash, step: parseKey(id).step }))
    buffers[kind] = rows.map(({ hash }) => hash)
    previous[kind] = added.filter(({ step }) => step === before).map(({ hash }) => hash)
    for (const { hash, step } of added) record.added.set(hash, step)
  }
  if (config.solve.draw !== 'uniform') {
    noteAnswers(record, await store.read.answers(before), config.estimate.samples)
  }
  const corpus = await corpusOf(config, store)
  const folder = config.propose.corpus
  const grounded = new Set(folder === null ? [] : await store.read.grounded(folder, before))
  return { buffers, known: knownIn(buffers), previous, record, corpus, grounded }
}

/** The answers of the step in memory, in the order of their ids. */
export function answersIn(store: Pick<Store, 'rowsOf' | 'cached'>): Answered[] {
  return store.rowsOf('grades').flatMap(({ id, role, verdict }) => {
    const task = role === 'solver' ? store.cached('rollouts', id)?.task_hash : null
    return task ? [{ task, verdict: verdict as SolverVerdict }] : []
  })
}
