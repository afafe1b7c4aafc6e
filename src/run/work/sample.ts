/**
 * Samples completions: the only way from a prompt to `rollouts` rows. Each is sampled once, and its
 * rows are committed before it is used. It does not interpret the text.
 */

import { hashOf, hashText } from '../../../domain/hash.ts'
import { formatKey, parseKey } from '../../../domain/key.ts'
import type { End } from '../../../domain/prompts/end.ts'
import { samplingSeed } from '../../../domain/rng.ts'
import type { Kind, Purpose, Role } from '../../../domain/task.ts'
import type { RolloutRow, Store, Write } from '../../../state/types.ts'
import type { Completion, Sampler } from '../../engine/types.ts'

/** `engine` gives the current engine. It throws if there is none. */
export type SamplePorts = {
  config: { seed: number }
  store: Pick<Store, 'memo'>
  engine: () => { sampler: Pick<Sampler, 'completeMany'> }
}

export type Wanted = {
  id: string
  /** The step in which it is asked, if it differs from the id's: the base answers at the end. */
  step?: number
  role: Role
  kind: Kind
  /** Hash of the task that is answered, or whose program gets inputs. */
  task: string | null
  prompt: string
  policyVersion: number
  temperature: number
  topP: number
  maxTokens: number
  /** Texts that end it. */
  stop: readonly string[]
  keepsStop: boolean
  end?: End | undefined
}

export function bytes(array: Int32Array | Float32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
}

/** The parts that all completions of a request share. */
type Request = {
  ids: string[]
  seed: number
  input_hash: string
  prompt_hash: string
  completions: Completion[]
  ms: number
}

function rolloutRows(want: Wanted, request: Request): RolloutRow[] {
  const { ids, seed, input_hash, prompt_hash, completions, ms } = request
  const key = parseKey(want.id)
  return completions.map((completion, i) => ({
    id: ids[i] as string,
    step: want.step ?? key.step,
    purpose: key.purpose as Purpose,
    role: want.role,
    kind: want.kind,
    task_hash: want.task,
    prompt_hash,
    text: completion.text,
    ids: bytes(completion.ids),
    logprobs: bytes(completion.logprobs),
    finish_reason: completion.finishReason,
    policy_version: want.policyVersion,
    seed: seed + i,
    temperature: want.temperature,
    input_hash,
    sample_ms: ms,
  }))
}

/** The request to the engine, and the parts of its hash. */
function requestOf(want: Wanted, seed: number) {
  const { prompt, policyVersion, temperature, topP, maxTokens, stop, keepsStop, end } = want
  const request = { prompt, maxTokens, temperature, topP, seed, stop, keepsStop, policyVersion }
  const parts = [prompt, policyVersion, temperature, topP, maxTokens, seed, stop]
  return end ? { request: { ...request, end }, parts: [...parts, end] } : { request, parts }
}

/** Ids of `samples` answers, given the first. */
export function groupIds(first: string, samples: number): string[] {
  const key = parseKey(first)
  return Array.from({ length: samples }, (_, sample) => formatKey({ ...key, sample }))
}

/** Samples all completions of one prompt in one request, and commits them together. */
export async function sampleGroup(
  { config, store, engine }: SamplePorts,
  want: Wanted,
  samples: number,
  signal: AbortSignal,
): Promise<void> {
  const { id } = want
  const seed = samplingSeed(config.seed, parseKey(id))
  const { request, parts } = requestOf(want, seed)
  const input_hash = hashOf([...parts, samples])
  await store.memo('rollouts', id, input_hash, async () => {
    const begun = performance.now()
    const completions = await engine().sampler.completeMany(request, samples, signal)
    const ms = performance.now() - begun
    const [ids, prompt_hash] = [groupIds(id, samples), hashText(want.prompt)]
    const rows = rolloutRows(want, { ids, seed, input_hash, prompt_hash, completions, ms })
    const [first, ...others] = rows as [RolloutRow, ...RolloutRow[]]
    // Shared by all completions of the prompt.
    const { promptIds } = completions[0] as Completion
    const prompt = { hash: prompt_hash, text: want.prompt, ids: bytes(promptIds) }
    const also = others.map((row): Write => ({ table: 'rollouts', row }))
    return { row: first, also: [{ table: 'prompts', row: prompt }, ...also] }
  })
}
