/**
 * The store of one run in this process: a writer thread that commits whatever waits in one
 * transaction, a reader thread, and memoised work over both.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { transfer, wrap } from 'comlink'
import { MemoMismatch, WorkerGone } from '../domain/errors.ts'
import { toBatch } from './batch.ts'
import { revive, workerEndpoint } from './endpoint.ts'
import { createOutbox, lazy } from './outbox.ts'
import type { Reader } from './reader.ts'
import type { Row } from './schema/index.ts'
import {
  type AsyncReader,
  type Made,
  type MemoTable,
  memoTables,
  type Store,
  type Write,
} from './types.ts'
import type { Writer } from './writer-worker.ts'

function spawn<Api>(file: string, name: string, path: string) {
  const worker = new Worker(new URL(file, import.meta.url), {
    workerData: { path },
    execArgv: [],
    name,
  })
  const gone = new Promise<never>((_, reject) => {
    worker.on('error', error => reject(new WorkerGone(`The ${name} failed: ${error.message}`)))
    worker.on('exit', code => reject(new WorkerGone(`The ${name} ended with code ${code}`)))
  })
  gone.catch(() => {})
  return { worker, gone, api: wrap<Api>(workerEndpoint(worker, name)) }
}

type Cache = { [Name in MemoTable]: Map<string, Row<Name>> }
const emptyCache = () => Object.fromEntries(memoTables.map(name => [name, new Map()])) as Cache

/** Eight answers have one prompt: what was committed is not sent again. */
function createPromptFilter() {
  const known = new Set<string>()
  return {
    isNew: (write: Write) => write.table !== 'prompts' || !known.has(write.row.hash),
    keep(writes: readonly Write[]): void {
      for (const { table, row } of writes) if (table === 'prompts') known.add(row.hash)
    },
    forget: () => known.clear(),
  }
}

/** Work of a step that was done: it is looked up, and done once where it is missing. */
function createMemo(add: (writes: readonly Write[]) => Promise<void>) {
  const flying = new Map<string, Promise<unknown>>()
  let cache = emptyCache()
  let hits = 0
  const cached: Store['cached'] = (table, id) => (cache[table] as Map<string, never>).get(id)
  const make = async <Name extends MemoTable>(
    table: Name,
    id: string,
    effect: () => Promise<Made<Name>>,
  ) => {
    const { row, also = [] } = await effect()
    await add([{ table, row } as Write, ...also])
    const rows = cache[table] as Map<string, Row<Name>>
    rows.set(id, row)
    for (const { table: name, row: other } of also) {
      const mine = cache[name as MemoTable] as Map<string, unknown> | undefined
      mine?.set((other as { id: string }).id, other)
    }
    return row
  }
  const memo: Store['memo'] = async (table, id, inputHash, effect) => {
    const found = cached(table, id)
    if (found) {
      if (found.input_hash !== inputHash) {
        throw new MemoMismatch(
          `Cannot use ${table} row ${id} as it was made from another input: ` +
            `${found.input_hash} is stored, ${inputHash} is asked for`,
        )
      }
      hits += 1
      if (hits % 64 === 0) await nextTurn()
      return found
    }
    const key = `${table}/${id}`
    const shared = flying.get(key) as Promise<typeof found> | undefined
    if (shared) return shared as never
    const made = make(table, id, effect).finally(() => flying.delete(key))
    flying.set(key, made)
    return made
  }
  const rowsOf: Store['rowsOf'] = table =>
    [...(cache[table] as Map<string, { id: string }>).values()].sort((a, b) =>
      a.id < b.id ? -1 : 1,
    ) as never
  const fill = (rows: { [Name in MemoTable]: { id: string }[] }) => {
    cache = emptyCache()
    for (const name of memoTables) {
      for (const row of rows[name]) (cache[name] as Map<string, unknown>).set(row.id, row)
    }
  }
  return { memo, cached, rowsOf, fill }
}

/** Queries in the reader's thread; their errors are ours again. */
const readerOf = (api: unknown) =>
  new Proxy({} as AsyncReader, {
    get:
      (_, name: string) =>
      (...args: unknown[]) =>
        (api as Record<string, (...a: unknown[]) => Promise<unknown>>)
          [name]?.(...args)
          .catch(error => {
            throw revive(error)
          }),
  })

export function createStore(folder: string, path: string): Store {
  const writer = spawn<Writer>('./writer-worker.ts', 'store writer', path)
  const reader = spawn<Reader>('./reader-worker.ts', 'store reader', path)
  const commit = async (writes: readonly Write[]) => {
    const batch = toBatch(writes)
    await writer.api.write(transfer(batch, [batch.packed]))
  }
  const prompts = createPromptFilter()
  const outbox = createOutbox(async writes => {
    await commit(writes.filter(prompts.isNew))
    prompts.keep(writes)
  })
  const traces = createOutbox(commit, lazy)
  const { fill, ...memo } = createMemo(outbox.add)
  const read = readerOf(reader.api)
  const gone = Promise.race([writer.gone, reader.gone])
  gone.catch(() => {})
  return {
    folder,
    ...memo,
    read,
    gone,
    write: writes => outbox.add(writes),
    backlog() {
      const [rows, told] = [outbox.backlog(), traces.backlog()]
      return {
        rows: rows.rows + told.rows,
        oldest_ms: Math.max(rows.oldest_ms, told.oldest_ms),
        commit_ms: Math.max(rows.commit_ms, told.commit_ms),
      }
    },
    trace(row) {
      traces.add([{ table: 'messages', row }]).catch(() => {})
      // In which state the run is, is what people watch.
      if (row.type === 'machine.changed' && row.sender === 'run') traces.flush()
    },
    event: (event, detail = null) => {
      const row = { at_ms: Date.now(), process_pid: process.pid, event, detail }
      // Events are what people look for the trace around.
      traces.flush()
      return outbox.add([{ table: 'run_events', row }])
    },
    async beginStep(step) {
      fill(await read.stepRows(step))
      prompts.forget()
    },
    deleteStep: step => writer.api.deleteStep(step) as Promise<number>,
    async close() {
      outbox.close()
      traces.close()
      // Also the reader has to have loaded: Node aborts where a thread ends amid loading better-sqlite3.
      await Promise.allSettled([writer.api.close(), reader.api.lastStep()])
      await Promise.all([writer.worker.terminate(), reader.worker.terminate()])
    },
  }
}
