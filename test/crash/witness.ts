/**
 * Loaded before `azr`: writes down what is really asked of the engine, the sandbox and the learner,
 * so that work done twice is seen by somebody other than the store. Not part of the product.
 */
import { appendFileSync } from 'node:fs'
import { Socket } from 'node:net'
import { decode } from '@msgpack/msgpack'
import { Pool } from 'undici'

const path = process.env.AZR_WITNESS as string
const note = (...words: (string | number)[]) => appendFileSync(path, `${words.join(' ')}\n`)

const ask = Pool.prototype.request as (...args: unknown[]) => unknown
Pool.prototype.request = function (this: unknown, ...args: unknown[]) {
  const { path: place, body } = args[0] as { path: string; body?: string }
  if (place === '/v1/completions' && body) {
    const { prompt_logprobs, seed, n = 1 } = JSON.parse(body)
    // Scores and probes (seed 0) are no rollouts.
    if (prompt_logprobs === undefined && seed !== 0) note('completion', seed, n)
  }
  return ask.apply(this, args)
} as never

/** Inputs of a program that are to be run: a frame to the sandbox's front. */
function noteJob(frame: Buffer): boolean {
  if (frame.length < 8 || frame.readUInt32LE(0) !== frame.length - 4) return false
  const size = frame.readUInt32LE(4)
  if (size === 0 || size > frame.length - 8) return false
  const { asks = [] } = JSON.parse(frame.toString('utf8', 8, 8 + size))
  for (const { op, inputs } of asks) if (op === 'prepare') note('execution', inputs.length)
  return true
}

/** What the learner is told to do. */
function noteCommand(frame: Buffer): void {
  if (frame.length < 5 || frame.readUInt32BE(0) !== frame.length - 4) return
  const { verb } = decode(frame.subarray(4)) as { verb: string }
  note('learner', verb)
}

const write = Socket.prototype.write as (...args: unknown[]) => boolean
Socket.prototype.write = function (this: unknown, ...args: unknown[]) {
  const [data] = args
  if (data instanceof Uint8Array) {
    const frame = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
    if (!noteJob(frame)) noteCommand(frame)
  }
  return write.apply(this, args)
} as never
