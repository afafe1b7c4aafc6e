/**
 * A store for replays. Effects come from the recorded run, and rows derived from them are compared
 * with the recorded ones. It throws at the first difference, and keeps nothing. The derivation is
 * the same work that made the run.
 */
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Database } from 'better-sqlite3'
import { suiteName } from '../domain/suite-name.ts'
import { openForReading } from './database.ts'
import { inIdOrder } from './memo.ts'
import { createReader, type Reader } from './reader.ts'
import type { Difference } from './recorded-rows.ts'
import { createRecordedStep } from './recorded-step.ts'
import type { Row } from './schema/index.ts'
import { type AsyncReader, type MemoTable, memoTables, type Store, type Write } from './types.ts'
import { createWitness, type Witness } from './witness.ts'

export type ReplayStore = Store & {
  /** Recorded rows of the replayed step, by id. */
  recorded: <Name extends MemoTable>(table: Name) => Map<string, Row<Name>>
  reader: Reader
  /** First replayed step: in a forked run, the one after the fork. */
  from: number
  /** Steps that were scored as the end of the run, at one time or another. */
  ends: number[]
  counts: { rows: number; rollouts: number }
  difference: () => Difference | null
}

export type ReplayOptions = {
  folder: string
  /** Tables whose rows are effects: the replay takes them as recorded. */
  given: readonly MemoTable[]
}

/** The engine or the sandbox failed for good, so there is nothing to derive again. */
function isUngraded(row: unknown): boolean {
  const { verdict, outcome } = row as { verdict?: string; outcome?: string }
  return verdict === 'ungraded' || outcome === 'ungraded'
}

/**
 * Steps that were the run's end when it began or was resumed, among those with all suites. If the
 * run was extended before it came there, the step was scored as one in between, or not at all.
 */
function endsOf(client: Database): number[] {
  const named = `select value from run, json_each(json_extract(config, '$.evaluate.suites'))
    union select value from run, json_each(json_extract(config, '$.evaluate.between.suites'))`
  const suites = (client.prepare(named).pluck().all() as string[]).map(suiteName)
  const asked = `with held as (
      select distinct suite from suite_items where suite in (select value from json_each(?)))
    select distinct json_extract(detail, '$.steps') from run_events
    where event in ('started', 'resumed') and json_extract(detail, '$.steps') in (
      select made_in from evaluations where step = made_in and suite in held
      group by made_in having count(distinct suite) = (select count(*) from held))`
  return client.prepare(asked).pluck().all(JSON.stringify(suites)) as number[]
}

function firstStep(reader: Reader): number {
  const { forked } = (reader.run()?.lineage ?? {}) as { forked?: { step: number } }
  return forked ? forked.step + 1 : 0
}

type Step = ReturnType<typeof createRecordedStep>

/**
 * Returns effects as recorded. A derived row becomes part of the step if it equals the recorded
 * one.
 */
function createMemo(step: Step, witness: Witness, given: readonly MemoTable[]) {
  const isGiven = (table: MemoTable) => given.includes(table)
  const counts = { rollouts: 0 }
  let asked = 0

  function take(write: Write): void {
    const { id } = write.row as { id: string }
    const found = step.recorded(write.table as MemoTable)?.get(id)
    const isSettled = found !== undefined && isUngraded(found)
    if (!isSettled) witness.check(write)
    step.seen(write.table as MemoTable)?.set(id, (isSettled ? found : write.row) as never)
  }

  const cached: Store['cached'] = (table, id) => {
    const found = step.seen(table).get(id)
    if (found || !isGiven(table)) return found
    const row = step.recorded(table).get(id)
    if (!row) return undefined
    witness.checked += 1
    if (table === 'rollouts') counts.rollouts += 1
    step.seen(table).set(id, row)
    return row
  }
  const memo: Store['memo'] = async (table, id, inputHash, effect) => {
    const known = step.seen(table).get(id)
    if (known) return known
    asked += 1
    if (asked % 64 === 0) await nextTurn()
    if (table === 'rollouts') step.recall(id)
    if (isGiven(table)) {
      const hash = step.recorded(table).get(id)?.input_hash ?? null
      if (hash !== inputHash) await witness.nameInput(table, id, [hash, inputHash], effect)
      return cached(table, id) as never
    }
    const { row, also = [] } = await effect()
    for (const write of [...also, { table, row } as Write]) take(write)
    return step.seen(table).get(id) as never
  }
  const rowsOf: Store['rowsOf'] = table => inIdOrder(step.seen(table))
  const forget = (ids: readonly string[]) => {
    const missing = step.forget(ids)
    if (missing) witness.differAt(missing)
  }
  return { memo, cached, rowsOf, forget, count: step.count, counts }
}

/**
 * Handles writes outside a step's work. At the step's end every recorded row must have been
 * derived.
 */
function createScribe(step: Step, witness: Witness) {
  let evaluations: Row<'evaluations'>[] = []

  function closeStep(number: number): void {
    const missing = step.missing()
    if (missing) witness.differAt(missing)
    for (const table of memoTables) witness.checkCount(table, number, step.count(table))
    witness.checkCount('evaluations', number, evaluations.length)
    witness.checkPrompts(number)
  }

  return {
    evaluations: () => evaluations,
    begin(number: number): void {
      step.begin(number)
      evaluations = []
    },
    write(writes: readonly Write[]): void {
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
  }
}

export function createReplayStore({ folder, given }: ReplayOptions): ReplayStore {
  const { client, db } = openForReading(join(folder, 'run.db'))
  const reader = createReader(db)
  const witness = createWitness(client)
  const step = createRecordedStep(reader)
  const from = firstStep(reader)
  const { counts, ...memo } = createMemo(step, witness, given)
  const scribe = createScribe(step, witness)
  /** Reads that return the run as it was before the first replayed step. */
  const then: Partial<Record<keyof Reader, () => unknown>> = {
    lastStep: () => (from === 0 ? null : from - 1),
    evaluations: scribe.evaluations,
  }
  return {
    folder,
    reader,
    from,
    ends: endsOf(client),
    get counts() {
      return { rows: witness.checked, rollouts: counts.rollouts }
    },
    difference: () => witness.first,
    recorded: step.recorded,
    ...memo,
    write: async writes => scribe.write(writes),
    trace: () => {},
    backlog: () => ({ rows: 0, oldest_ms: 0, commit_ms: 0 }),
    event: async () => {},
    beginStep: async number => scribe.begin(number),
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
}
