/**
 * Whether a prompt leaves room for an answer, in tokens. We do not tokenise: the engine does, and
 * is asked once for a prompt, and only where its bytes do not tell. Not here: what is left out of
 * one.
 */
import { hashText } from '../../../domain/hash.ts'
import type { Store } from '../../../state/types.ts'
import type { Config } from '../../config/config.ts'
import type { Sampler } from '../../engine/types.ts'

/** The prompt of an item, and the longest answer that it is to leave room for. */
export type Asked = { id: string; prompt: string; maxTokens: number }

export type Room = {
  isEnough: (asked: Asked, signal: AbortSignal) => Promise<boolean>
  /** By the bytes alone: asks no engine, and refuses some that would fit. */
  isSurelyEnough: (asked: Asked) => boolean
  /** Ids of a prompt. */
  encode: (prompt: string, signal: AbortSignal) => Promise<Int32Array>
}

/** No token is shorter than a byte; a tokenizer may add some at the start. */
const added = 8
/** Lengths that are remembered. */
const kept = 20_000

type Ports = {
  config: Pick<Config, 'engine'>
  engine: () => { sampler: Pick<Sampler, 'encode'> }
}

export function createRoom({ config, engine }: Ports): Room {
  const known = new Map<string, number>()
  const bytesIn = (prompt: string) => Buffer.byteLength(prompt) + added
  const isWithin = (length: number, maxTokens: number) =>
    length + maxTokens <= config.engine.maxLength
  const encode: Room['encode'] = (prompt, signal) => engine().sampler.encode(prompt, signal)
  async function lengthOf(prompt: string, signal: AbortSignal): Promise<number> {
    const hash = hashText(prompt)
    const found = known.get(hash) ?? (await encode(prompt, signal)).length
    known.set(hash, found)
    if (known.size > kept) known.delete(known.keys().next().value as string)
    return found
  }
  const isSurelyEnough: Room['isSurelyEnough'] = ({ prompt, maxTokens }) =>
    isWithin(bytesIn(prompt), maxTokens)
  return {
    isSurelyEnough,
    encode,
    isEnough: async (asked, signal) =>
      isSurelyEnough(asked) || isWithin(await lengthOf(asked.prompt, signal), asked.maxTokens),
  }
}

/** The reason of a task whose prompt leaves no room for an answer. */
export const tooLong = 'prompt too long'

/**
 * The room of a replay, which has no engine, and whose context may have been made longer since: a
 * task was refused for its length, or it was not; of a pair that was left out there is no row.
 */
export function createRecordedRoom(store: Recorded): Room {
  return {
    isSurelyEnough: ({ id }) => store.recorded('tasks').has(id),
    isEnough: async ({ id }) => store.recorded('tasks').get(id)?.reason !== tooLong,
    encode: async () => new Int32Array(),
  }
}

type Recorded = {
  recorded: (table: 'tasks') => Pick<ReadonlyMap<string, { reason: string | null }>, 'get' | 'has'>
}

export type RoomPorts = { room: Room; store: Pick<Store, 'cached'> }
