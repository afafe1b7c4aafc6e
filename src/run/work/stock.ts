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
}

export function emptyStock(): Stock {
  return { buffers: {}, known: new Set(), previous: {}, record: emptyRecord() }
}

const knownIn = (buffers: Buffers) => new Set(Object.values(buffers).flat())

/** Adds a step's accepted tasks to the buffers, which drop their oldest, and notes its answers. */
export function grown(
  { config: { buffer, estimate }, kinds }: { config: Config; kinds: Kinds },
  { buffers: before, record: known }: Stock,
  { step, accepted, answers }: { step: number; accepted: Buffers; answers: Answered[] },
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
  return { buffers, known: knownIn(buffers), previous, record }
}

/** Reads the stock of a step from the rows of earlier ones. */
export async function readStock(
  { config, kinds, store }: { config: Config; kinds: Kinds; store: Reading<'buffer' | 'answers'> },
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
  return { buffers, known: knownIn(buffers), previous, record }
}

/** The answers of the step in memory, in the order of their ids. */
export function answersIn(store: Pick<Store, 'rowsOf' | 'cached'>): Answered[] {
  return store.rowsOf('grades').flatMap(({ id, role, verdict }) => {
    const task = role === 'solver' ? store.cached('rollouts', id)?.task_hash : null
    return task ? [{ task, verdict: verdict as SolverVerdict }] : []
  })
}
