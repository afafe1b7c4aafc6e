/**
 * One completion: the only way from a prompt to a `rollouts` row. Sampled once; the row is committed
 * before anyone hears of it. Not here: what the text means.
 */
import type { RolloutRow } from '../../state/types.ts'
import { hashOf, hashText } from '../domain/hash.ts'
import { parseKey } from '../domain/key.ts'
import { samplingSeed } from '../domain/rng.ts'
import type { Kind, Purpose, Role } from '../domain/task.ts'
import type { Ports } from './ports.ts'

export type Wanted = {
  id: string
  role: Role
  kind: Kind
  /** Hash of the task that is answered, or whose program gets inputs. */
  task: string | null
  prompt: string
  policyVersion: number
  temperature: number
  topP: number
  maxTokens: number
}

export function bytes(array: Int32Array | Float32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
}

export function sampleRollout(
  ports: Ports,
  want: Wanted,
  signal: AbortSignal,
): Promise<RolloutRow> {
  const { config, store, dialect } = ports
  const { id, role, kind, prompt, policyVersion, temperature, topP, maxTokens } = want
  const key = parseKey(id)
  const seed = samplingSeed(config.seed, key)
  const { stop } = dialect
  const input_hash = hashOf([prompt, policyVersion, temperature, topP, maxTokens, seed, stop])
  return store.memo('rollouts', id, input_hash, async () => {
    const begun = performance.now()
    const request = { prompt, maxTokens, temperature, topP, seed, stop }
    const completion = await ports.engine().sampler.complete(request, signal)
    const prompt_hash = hashText(prompt)
    const row: RolloutRow = {
      id,
      step: key.step,
      purpose: key.purpose as Purpose,
      role,
      kind,
      task_hash: want.task,
      prompt_hash,
      text: completion.text,
      ids: bytes(completion.ids),
      logprobs: bytes(completion.logprobs),
      finish_reason: completion.finishReason,
      policy_version: policyVersion,
      seed,
      temperature,
      input_hash,
      sample_ms: performance.now() - begun,
    }
    const known = { hash: prompt_hash, text: prompt, ids: bytes(completion.promptIds) }
    return { row, also: [{ table: 'prompts', row: known }] }
  })
}
