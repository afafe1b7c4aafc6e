/**
 * A store that keeps nothing: effects come from a recorded run, and what is derived from them is
 * held against the recorded rows, one by one. The first difference is thrown. Not here: who derives,
 * which is the same work that made the run.
 */
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Database } from 'better-sqlite3'
import { ReplayDiffers } from '../domain/errors.ts'
import { hashText } from '../domain/hash.ts'
import { openForReading } from './database.ts'
import { createReader, type Reader } from './reader.ts'
import { createRecordedRows, type Difference } from './recorded-rows.ts'
import { createRecordedStep } from './recorded-step.ts'
import type { Row } from './schema/index.ts'
import type { AsyncReader, MemoTable, Store, Write } from './types.ts'

export type ReplayStore = Store & {
  /** Recorded rows of the step that is replayed, by id. */
  recorded: <Name extends MemoTable>(table: Name) => Map<string, Row<Name>>
  reader: Reader
  /** First step that is replayed: the one after the fork, in a run that was forked. */
  from: number
  /** Steps at which the run was scored as at its end, at one time or another. */
  ends: number[]
  counts: { rows: number; rollouts: number }
  difference: () => Difference | null
}

export type ReplayOptions = {
  folder: string
  /** Tables whose rows are effects: they are given, never made again. */
  given: readonly MemoTable[]
}

type Effect = () => Promise<{ row: unknown; also?: Write[] }>

/** What neither an engine nor a sandbox that answers nothing can tell: no difference lies there. */
const unanswered = new Set([
  'text',
  'ids',
  'logprobs',
  'finish_reason',
  'input_hash',
  'outcome',
  'output',
  'canonical',
  'error',
  'literal',
  'input_canonical',
])

/** What the sandbox or the engine failed at for good: there is nothing to make again. */
function isUngraded(row: unknown): boolean {
  const { verdict, outcome } = row as { verdict?: string; outcome?: string }
  return verdict === 'ungraded' || outcome === 'ungraded'
}

/** What was asked for when the run began or went on, of the steps that were scored so. */
function endsOf(client: Database): number[] {
  const asked = `select distinct json_extract(detail, '$.steps') from run_events
    where event in ('started', 'resumed') and json_extract(detail, '$.steps') in (
      select step from evaluations where suite in (
        select value from run, json_each(json_extract(config, '$.evaluate.suites'))))`
  return client.prepare(asked).pluck().all() as number[]
}

function firstStep(reader: Reader): number {
  const { forked } = (reader.run()?.lineage ?? {}) as { forked?: { step: number } }
  return forked ? forked.step + 1 : 0
}

/** Holds rows against the recorded ones; keeps the first that differs, and throws. */
function createWitness(client: Database) {
  const rows = createRecordedRows(client)
  const promptOf = client.prepare(
    'select prompts.text from prompts join rollouts on prompt_hash = hash where rollouts.id = ?',
  )
  const promptsOf = client.prepare(
    'select hash, text from prompts where hash in (select prompt_hash from rollouts where step = ?)',
  )
  const witness = {
    checked: 0,
    first: null as Difference | null,
    differ(difference: Difference): never {
      witness.first ??= difference
      const { table, key } = difference
      throw new ReplayDiffers(`Cannot go on replaying: ${table} ${key} differs`)
    },
    check(write: Write, skipped?: ReadonlySet<string>): void {
      witness.checked += 1
      const difference = rows.compare(write, skipped)
      if (difference) witness.differ(difference)
    },
    checkCount(table: 'evaluations' | 'update_items', step: number, made: number): void {
      const found = rows.count(table, step)
      if (found === made) return
      const [recorded, replayed] = [`${found} rows`, `${made} rows`]
      witness.differ({ table, key: `of step ${step}`, column: null, recorded, replayed })
    },
    /** Prompts were asked for by their hash: what is kept under it has to be the text. */
    checkPrompts(step: number): void {
      for (const { hash, text } of promptsOf.all(step) as { hash: string; text: string }[]) {
        const replayed = hashText(text)
        if (replayed === hash) continue
        witness.differ({ table: 'prompts', key: hash, column: 'hash', recorded: hash, replayed })
      }
    },
    /** An effect was asked for that was not recorded so: says what was asked for. */
    async nameInput(table: MemoTable, id: string, hashes: [string | null, string], effect: Effect) {
      const made = await effect().catch(() => null)
      const asked = made?.also?.find(write => write.table === 'prompts')
      const prompt = promptOf.pluck().get(id) as string | undefined
      if (asked?.table === 'prompts' && prompt !== undefined && prompt !== asked.row.text) {
        const [recorded, replayed] = [prompt, asked.row.text]
        witness.differ({ table, key: id, column: 'prompt', recorded, replayed })
      }
      if (made) witness.check({ table, row: made.row } as Write, unanswered)
      const [recorded, replayed] = hashes
      witness.differ({ table, key: id, column: 'input_hash', recorded, replayed })
    },
  }
  return witness
}

export function createReplayStore({ folder, given }: ReplayOptions): ReplayStore {
  const { client, db } = openForReading(join(folder, 'run.db'))
  const reader = createReader(db)
  const witness = createWitness(client)
  const step = createRecordedStep(reader)
  const from = firstStep(reader)
  const isGiven = (table: MemoTable) => given.includes(table)
  let evaluations: Row<'evaluations'>[] = []
  let rollouts = 0
  let asked = 0

  /** Takes what was made as a row of the step, once it is as it was recorded. */
  function take(write: Write): void {
    const { id } = write.row as { id: string }
    const found = step.recorded(write.table as MemoTable)?.get(id)
    const isSettled = found !== undefined && isUngraded(found)
    if (!isSettled) witness.check(write)
    step.seen(write.table as MemoTable)?.set(id, (isSettled ? found : write.row) as never)
  }

  /** Whatever was recorded of a step has to have come up again. */
  function closeStep(number: number): void {
    const missing = step.missing()
    if (missing) {
      const { table, id, row } = missing
      const recorded = JSON.stringify(row)
      witness.differ({ table, key: id, column: null, recorded, replayed: null })
    }
    witness.checkCount('evaluations', number, evaluations.length)
    witness.checkPrompts(number)
  }

  /** What is read of the run as it stood then. */
  const then: Partial<Record<keyof Reader, () => unknown>> = {
    lastStep: () => (from === 0 ? null : from - 1),
    evaluations: () => evaluations,
  }
  const store: ReplayStore = {
    folder,
    reader,
    from,
    ends: [0, ...endsOf(client)],
    get counts() {
      return { rows: witness.checked, rollouts }
    },
    difference: () => witness.first,
    recorded: step.recorded,
    async write(writes) {
      for (const write of writes) {
        witness.check(write)
        if (write.table === 'evaluations') evaluations.push(write.row as Row<'evaluations'>)
      }
      const items = writes.filter(({ table }) => table === 'update_items')
      if (items.length > 0) {
        const { step: at } = (items[0] as Write).row as { step: number }
        witness.checkCount('update_items', at, items.length)
      }
      const closed = writes.find(({ table }) => table === 'steps')
      if (closed) closeStep((closed.row as Row<'steps'>).step)
    },
    trace: () => {},
    backlog: () => ({ rows: 0, oldest_ms: 0, commit_ms: 0 }),
    event: async () => {},
    async memo(table, id, inputHash, effect) {
      const known = step.seen(table).get(id)
      if (known) return known
      asked += 1
      if (asked % 64 === 0) await nextTurn()
      if (isGiven(table)) {
        const hash = step.recorded(table).get(id)?.input_hash ?? null
        if (hash !== inputHash) await witness.nameInput(table, id, [hash, inputHash], effect)
        return store.cached(table, id) as never
      }
      const { row, also = [] } = await effect()
      for (const write of [...also, { table, row } as Write]) take(write)
      return step.seen(table).get(id) as never
    },
    cached(table, id) {
      const found = step.seen(table).get(id)
      if (found || !isGiven(table)) return found
      const row = step.recorded(table).get(id)
      if (!row) return undefined
      witness.checked += 1
      if (table === 'rollouts') rollouts += 1
      step.seen(table).set(id, row)
      return row
    },
    rowsOf: table => [...step.seen(table).values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
    async beginStep(number) {
      step.begin(number)
      evaluations = []
    },
    deleteStep: () => Promise.reject(new Error('A replay deletes nothing')),
    read: new Proxy({} as AsyncReader, {
      get:
        (_, name: keyof Reader) =>
        async (...args: never[]) =>
          ((then[name] ?? reader[name]) as (...args: never[]) => unknown)(...args),
    }),
    gone: new Promise<never>(() => {}),
    close: async () => void client.close(),
  }
  return store
}
