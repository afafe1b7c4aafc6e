/**
 * The learner's client: requests over pipes, replies by id. It notices the learner's death at once.
 */

import { AzrError, explain, LearnerGone } from '../../domain/errors.ts'
import { startChild } from '../../lib/child.ts'
import { createDecoder } from '../../lib/frames.ts'
import { reasonIn } from '../config/advice.ts'
import { visible } from '../config/cards.ts'
import type { Learner, LearnerSettings, UpdateReport } from '../engine/types.ts'
import { type Arrays, arraysOf, encodeMessage } from './wire.ts'

export type LearnerOptions = {
  python: string
  /** Folder that holds the Python packages. */
  pythonPath: string
  logPath: string
  cacheDir: string
  threads: number
  device: 'auto' | 'cpu' | 'cuda'
  /** The cards to compute on; null means the first ones. */
  cards: readonly number[] | null
  /**
   * `processes` run on this machine, `world` counts those of all machines (0: only these), `meet`
   * is the HOST:PORT where the others join.
   */
  processes: number
  world: number
  meet: string | null
  /** The number of padded tokens in a pass that scores. */
  microBatchTokens: number
  settings: LearnerSettings
  /** Longest time that one request may take. */
  deadlineMs: number
}

type Reply = { id: number; ok: boolean; body?: object; error?: string }
type Waiting = {
  resolve: (body: never) => void
  reject: (error: Error) => void
  timer: NodeJS.Timeout
}

const flatten = (sequences: Int32Array[]) => {
  const ids = new Int32Array(sequences.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const sequence of sequences) {
    ids.set(sequence, at)
    at += sequence.length
  }
  return { ids, lengths: Int32Array.from(sequences, ({ length }) => length) }
}

/** Cuts the result of `score` into one array per sequence. */
function cut(flat: Float32Array, sequences: Int32Array[]): Float32Array[] {
  let at = 0
  return sequences.map(({ length }) => {
    const part = flat.slice(at, at + length - 1)
    at += length - 1
    return part
  })
}

type Sizes = Pick<LearnerOptions, 'threads' | 'device' | 'processes' | 'world' | 'meet'>

export function learnerFlags({ threads, device, processes, world, meet }: Sizes): string[] {
  const flags = ['-m', 'azr_trainer', '--threads', String(threads), '--device', device]
  if (processes > 1 || world > 1) flags.push('--processes', String(processes))
  if (world > 0) flags.push('--world', String(world))
  return meet === null ? flags : [...flags, '--meet', meet]
}

function startPython(options: LearnerOptions) {
  const { python: command, pythonPath, logPath, cacheDir, threads } = options
  const args = learnerFlags(options)
  const places = { cwd: pythonPath, pythonPath, logPath, cacheDir }
  const env = visible(options.cards)
  return startChild({ command, args, ...places, threads, pipes: 2, env, reasonIn })
}

function connect(options: LearnerOptions) {
  const { deadlineMs } = options
  const child = startPython(options)
  const waiting = new Map<number, Waiting>()
  let next = 1
  let unreadable: string | null = null
  let death: LearnerGone | null = null
  const gone = child.ended.then(how => {
    death = new LearnerGone('learner-gone', `The learner ${unreadable ?? how}`)
    for (const { reject, timer } of waiting.values()) {
      clearTimeout(timer)
      reject(death)
    }
    waiting.clear()
    throw death
  })
  gone.catch(() => {})
  const [requests, replies] = child.pipes
  const settle = createDecoder(frame => {
    const { id, ok, body, error } = frame.header as Reply
    const answer = { ...body, ...arraysOf(frame) }
    const entry = waiting.get(id)
    waiting.delete(id)
    clearTimeout(entry?.timer)
    if (ok) entry?.resolve(answer as never)
    else entry?.reject(new AzrError('learner-refused', `The learner refused: ${error}`))
  })
  replies?.on('data', chunk => {
    try {
      settle(chunk)
    } catch (error) {
      // Nothing would catch it here, so it becomes the reason of the death.
      unreadable ??= `sent an unreadable message: ${explain(error)}`
      child.process.kill('SIGKILL')
    }
  })
  const ask = <T>(verb: string, body = {}, signal?: AbortSignal, arrays?: Arrays): Promise<T> =>
    new Promise((resolve, reject) => {
      if (death) return reject(death)
      signal?.throwIfAborted()
      const id = next++
      const late = () => {
        waiting.delete(id)
        child.process.kill('SIGKILL')
        reject(
          new LearnerGone(
            'learner-silent',
            `The learner did not answer ${verb} within ${deadlineMs} ms`,
          ),
        )
      }
      waiting.set(id, { resolve, reject, timer: setTimeout(late, deadlineMs) })
      requests?.write(encodeMessage({ id, verb, body }, arrays))
    })
  return { child, gone, ask }
}

/** Starts a learner and waits until it answers. Rejects with LearnerGone if it cannot start. */
export async function startLearner(
  options: LearnerOptions,
  signal?: AbortSignal,
): Promise<Learner> {
  const { child, gone, ask } = connect(options)
  const abandon = () => void child.stop()
  signal?.addEventListener('abort', abandon, { once: true })
  const hello: Learner['hello'] = () => ask('hello')
  const learner: Learner = {
    pid: child.pid,
    isExact: true,
    gone,
    hello,
    load: (path, signal) => ask('load', { path, settings: options.settings }, signal),
    probe: (longest, updateOptions, signal) =>
      ask('probe', { longest, options: updateOptions }, signal),
    memory: () => ask('memory'),
    async score(sequences, signal, bare = false) {
      const body = { bare, tokens: options.microBatchTokens }
      const arrays = flatten(sequences)
      const { logprobs } = await ask<{ logprobs: Float32Array }>('score', body, signal, arrays)
      return cut(logprobs, sequences)
    },
    update: (batch, updateOptions, signal) =>
      ask<UpdateReport>('update', { options: updateOptions }, signal, batch),
    save: (path, signal) => ask('save', { path }, signal),
    export: (path, merged, signal) => ask('export', { path, merged }, signal),
    stop: child.stop,
  }
  learner.isExact = (await hello()).device === 'cpu'
  signal?.removeEventListener('abort', abandon)
  return learner
}
