/**
 * A comlink endpoint for a worker thread. It rejects open calls when the worker dies; comlink alone
 * would let them wait forever.
 */
import type { Worker } from 'node:worker_threads'
import { type Endpoint, type TransferHandler, transferHandlers } from 'comlink'
import { AzrError, StoreFailed, WorkerGone } from '../domain/errors.ts'
import { damageOf } from './damage.ts'

type Listener = (event: { data: unknown }) => void

type Thrown = { isError: boolean; value: object }

/** Comlink passes on an error's message, name and stack. This adds its code. */
const throwing = transferHandlers.get('throw') as TransferHandler<{ value: unknown }, Thrown>
transferHandlers.set('throw', {
  ...throwing,
  serialize(thrown: { value: unknown }) {
    const [said, transferables] = throwing.serialize(thrown)
    const { value: error } = thrown
    if (error instanceof AzrError) said.value = { ...said.value, code: error.code }
    return [said, transferables]
  },
} as typeof throwing)

/** A thrown error in the form that comlink sends. */
const thrown = (id: string, message: string) => ({
  id,
  type: 'HANDLER',
  name: 'throw',
  value: { isError: true, value: { name: 'WorkerGone', message, stack: '' } },
})

export function workerEndpoint(worker: Worker, name: string): Endpoint {
  const listeners = new Map<object, (data: unknown) => void>()
  const open = new Set<string>()
  let death: string | null = null
  const emit = (data: unknown) => {
    for (const listener of [...listeners.values()]) listener(data)
  }
  const die = (why: string) => {
    death ??= `The ${name} is gone: ${why}`
    for (const id of open) emit(thrown(id, death))
    open.clear()
  }
  worker.on('message', data => {
    open.delete((data as { id: string }).id)
    emit(data)
  })
  worker.on('error', error => die(error.message))
  worker.on('exit', code => die(`exit code ${code}`))
  return {
    postMessage(message: { id?: string }, transfer?: unknown[]) {
      if (death !== null) {
        if (message.id) queueMicrotask(() => emit(thrown(message.id as string, death as string)))
        return
      }
      if (message.id) open.add(message.id)
      worker.postMessage(message, transfer as never)
    },
    addEventListener(_type: string, listener: object) {
      listeners.set(listener, data => {
        if (typeof listener === 'function') (listener as Listener)({ data })
        else (listener as { handleEvent: Listener }).handleEvent({ data })
      })
    },
    removeEventListener: (_type: string, listener: object) => void listeners.delete(listener),
  } as unknown as Endpoint
}

/** Gives an error that comlink threw the class that it had on the other side. */
export function revive(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  if (error.name === 'WorkerGone') return new WorkerGone('worker-gone', error.message)
  if (error.name !== 'SqliteError') return error
  const why = damageOf(error) ?? error.message
  return new StoreFailed('store-failed', `Cannot use run.db as ${why}`, { cause: error })
}

/** The worker's side: wraps Node's parentPort for comlink. */
export function portEndpoint(port: NonNullable<typeof import('node:worker_threads').parentPort>) {
  const wrapped = new Map<object, (data: unknown) => void>()
  return {
    postMessage: (message: unknown, transfer?: unknown[]) =>
      port.postMessage(message, transfer as never),
    addEventListener(_type: string, listener: object) {
      const handler = (data: unknown) => {
        if (typeof listener === 'function') (listener as Listener)({ data })
        else (listener as { handleEvent: Listener }).handleEvent({ data })
      }
      wrapped.set(listener, handler)
      port.on('message', handler)
    },
    removeEventListener(_type: string, listener: object) {
      const handler = wrapped.get(listener)
      if (handler) port.off('message', handler)
    },
    start: () => {},
  } as unknown as Endpoint
}
