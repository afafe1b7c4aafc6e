/**
 * The store of one run in this process: a writer thread that commits all waiting rows in one
 * transaction, a reader thread, and memoised work over both.
 */
import { Worker } from 'node:worker_threads'
import { transfer, wrap } from 'comlink'
import { WorkerGone } from '../domain/errors.ts'
import { toBatch } from './batch.ts'
import { revive, workerEndpoint } from './endpoint.ts'
import { createMemo } from './memo.ts'
import { createOutbox, lazy } from './outbox.ts'
import type { Reader } from './reader.ts'
import type { AsyncReader, Store, Write } from './types.ts'
import type { Writer } from './writer-worker.ts'

function spawn<Api>(file: string, name: string, path: string) {
  const worker = new Worker(new URL(file, import.meta.url), {
    workerData: { path },
    execArgv: [],
    name,
    // Limits garbage: a thread would let 48 MB of old rows accumulate before it collects them.
    resourceLimits: { maxYoungGenerationSizeMb: 6 },
  })
  const gone = new Promise<never>((_, reject) => {
    worker.on('error', error =>
      reject(new WorkerGone('worker-gone', `The ${name} failed: ${error.message}`)),
    )
    worker.on('exit', code =>
      reject(new WorkerGone('worker-gone', `The ${name} ended with code ${code}`)),
    )
  })
  gone.catch(() => {})
  return { worker, gone, api: wrap<Api>(workerEndpoint(worker, name)) }
}

/** Eight answers share a prompt. A prompt that was committed is not sent again. */
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

/** Queries in the reader's thread. Their errors get their classes back. */
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
  const read = readerOf(reader.api)
  const { fill, ...memo } = createMemo({ add: outbox.add, recall: read.itemRows })
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
      // People watch the state of the run, so write it at once.
      if (row.type === 'machine.changed' && row.sender === 'run') traces.flush()
    },
    event: (event, detail = null) => {
      const row = { at_ms: Date.now(), process_pid: process.pid, event, detail }
      // People look at the trace around an event, so write it at once.
      traces.flush()
      return outbox.add([{ table: 'run_events', row }])
    },
    async beginStep(step) {
      fill(...(await Promise.all([read.stepRows(step), read.attempted(step)])))
      prompts.forget()
    },
    deleteStep: step => writer.api.deleteStep(step) as Promise<number>,
    async close() {
      outbox.close()
      traces.close()
      // Waits for the reader too: Node aborts if a thread ends while it loads better-sqlite3.
      await Promise.allSettled([writer.api.close(), reader.api.lastStep()])
      await Promise.all([writer.worker.terminate(), reader.worker.terminate()])
    },
  }
}
