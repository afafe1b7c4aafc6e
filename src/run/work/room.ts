/**
 * Whether a prompt leaves room for an answer, in tokens. The engine tokenises, not we. It is asked
 * once per prompt, and only if the number of bytes does not decide. What to leave out of a prompt
 * is decided in fit-order.ts.
 */
import { hashText } from '../../../domain/hash.ts'
import type { Store } from '../../../state/types.ts'
import type { Config } from '../../config/config.ts'
import type { Sampler } from '../../engine/types.ts'

/** The prompt of an item, and the longest answer that it has to leave room for. */
export type Asked = { id: string; prompt: string; maxTokens: number }

export type Room = {
  isEnough: (asked: Asked, signal: AbortSignal) => Promise<boolean>
  /** Decides by bytes alone. It asks no engine, and refuses some prompts that would fit. */
  isSurelyEnough: (asked: Asked) => boolean
  /** Token ids of a prompt. */
  encode: (prompt: string, signal: AbortSignal) => Promise<Int32Array>
}

/** A token has at least one byte. A tokenizer may add some tokens at the start. */
const added = 8
/** Number of lengths that are cached. */
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
 * The room in a replay, which has no engine, and whose context may have been made longer since. A
 * task was refused for its length or not. A pair that was left out has no row.
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
