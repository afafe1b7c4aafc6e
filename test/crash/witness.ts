/**
 * Loaded before `azr`: records every real request to engine, sandbox and learner, to find repeated
 * work independently of the store. Not part of the product.
 */
import { appendFileSync } from 'node:fs'
import { Socket } from 'node:net'
import { Pool } from 'undici'

const path = process.env.AZR_WITNESS as string
const note = (...words: (string | number)[]) => appendFileSync(path, `${words.join(' ')}\n`)

const ask = Pool.prototype.request as (...args: unknown[]) => unknown
Pool.prototype.request = function (this: unknown, ...args: unknown[]) {
  const { path: place, body } = args[0] as { path: string; body?: string }
  if (place === '/v1/completions' && body) {
    const { prompt_logprobs, seed, n = 1 } = JSON.parse(body)
    // Scores and probes (seed 0) are not rollouts.
    if (prompt_logprobs === undefined && seed !== 0) note('completion', seed, n)
  }
  return ask.apply(this, args)
} as never

/** The request in a frame: programs for the sandbox's front, or work for the learner. */
function noteFrame(frame: Buffer): void {
  if (frame.length < 8 || frame.readUInt32LE(0) !== frame.length - 4) return
  const size = frame.readUInt32LE(4)
  if (size === 0 || size > frame.length - 8) return
  const { asks = [], verb } = JSON.parse(frame.toString('utf8', 8, 8 + size))
  for (const { op, inputs } of asks) if (op === 'prepare') note('execution', inputs.length)
  if (verb) note('learner', verb)
}

const write = Socket.prototype.write as (...args: unknown[]) => boolean
Socket.prototype.write = function (this: unknown, ...args: unknown[]) {
  const [data] = args
  if (data instanceof Uint8Array) {
    noteFrame(Buffer.from(data.buffer, data.byteOffset, data.byteLength))
  }
  return write.apply(this, args)
} as never
