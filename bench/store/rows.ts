/** Rollouts as a real run writes them: 300 tokens, about 1,000 characters, keys in id order. */
import { hashText } from '../../domain/hash.ts'
import { formatKey } from '../../domain/key.ts'
import { stream } from '../../domain/rng.ts'
import type { NewRow } from '../../state/types.ts'

export const tokens = 300
export const perStep = 600

const words =
  'def f return for in range if else a b x y total items append len sum 0 1 2 + - * ( ) [ ] : ='
const list = words.split(' ')
const rng = stream(1, 'bench', 'store')

/**
 * Ids of a vocabulary of 150,000 with the frequencies of code: most are small, some take three
 * bytes.
 */
function drawIds(): Int32Array {
  const isWide = rng.int(4) === 0
  return Int32Array.from({ length: tokens }, () => rng.int(isWide ? 150_000 : 60_000))
}

/** A hundred of each, because drawing them would take longer than storing them. */
const texts = Array.from({ length: 100 }, () =>
  Array.from({ length: tokens }, () => list[rng.int(list.length)])
    .join(' ')
    .slice(0, 1000),
)
const ids = Array.from({ length: 100 }, () => new Uint8Array(drawIds().buffer))
const logprobs = Array.from({ length: 100 }, () => {
  const values = Float32Array.from({ length: tokens }, () => -(rng.int(4096) / 1024))
  return new Uint8Array(values.buffer)
})

/** Rollout `n` of a run: a sixth are proposals, eight answers belong to each task. */
export function rolloutRow(n: number): NewRow<'rollouts'> {
  const [step, at] = [Math.floor(n / perStep), n % perStep]
  const isProposal = at % 6 === 0
  const purpose = isProposal ? ('propose' as const) : ('estimate' as const)
  const kind = (['deduction', 'abduction', 'induction'] as const)[n % 3] ?? 'deduction'
  const task = hashText(`task ${Math.floor(n / 8)}`)
  const index = isProposal ? at : task
  return {
    id: formatKey({ step, purpose, kind, index, sample: n % 8 }),
    step,
    purpose,
    kind,
    role: isProposal ? 'proposer' : 'solver',
    task_hash: task,
    prompt_hash: hashText(`prompt ${Math.floor(n / 8)}`),
    text: texts[n % 100] as string,
    ids: ids[n % 100] as Uint8Array,
    logprobs: logprobs[n % 100] as Uint8Array,
    finish_reason: 'stop',
    policy_version: step,
    seed: n,
    temperature: 1,
    input_hash: hashText(`input ${n}`),
    sample_ms: 12.5,
  }
}
