/**
 * An emulated engine and learner. Their log-probabilities are drawn from those that scores.py
 * measured: the exact ones of a policy, plus the rounding of a token of similar probability.
 */
import type { Rng } from '../../domain/rng.ts'
import { configSchema } from '../../src/config/config.ts'
import { createGate } from '../../src/run/work/parity.ts'

export type Measured = {
  meta: { prompt: number; length: number }
  scores: Record<string, number[]>
}

export const probes = 16
export const length = 1500
const sampled = 8
const prompt = length / 2
/** The number of tokens on each side that count as similar. */
const near = 64

/** The measured tokens that stand for the tokens of the probes. */
export type Pool = ReturnType<typeof poolOf>

export function poolOf({ scores }: Measured, rng: Rng) {
  const of = (name: string) => scores[name] as number[]
  const base = of('0.exact')
  const byValue = base.map((_, i) => i).sort((a, b) => (base[a] as number) - (base[b] as number))
  const count = probes * (length - 1)
  /** For each token of the probes, the position of its measured token in `byValue`. */
  const places = Int32Array.from({ length: count }, () => rng.int(base.length))
  const neighbour = (place: number) => {
    const at = Math.min(base.length - 1, Math.max(0, place + rng.int(2 * near + 1) - near))
    return byValue[at] as number
  }
  const versions = ['0', '1', '2']
  const roundings = (who: string) =>
    versions.map(v => of(`${v}.${who}`).map((x, i) => x - (of(`${v}.exact`)[i] as number)))
  const noise = { engine: roundings('engine'), learner: roundings('learner') }
  return {
    tokens: count,
    /** The values of the same measured tokens each time. */
    take: (name: string) =>
      Float32Array.from(places, p => of(name)[byValue[p] as number] as number),
    /** Adds the change between two policies, taken from similar tokens. */
    step(from: string, to: string, exact: Float32Array): Float32Array {
      const sign = rng.next() < 0.5 ? -1 : 1
      return exact.map((x, i) => {
        const at = neighbour(places[i] as number)
        return x + sign * ((of(to)[at] as number) - (of(from)[at] as number))
      })
    },
    rounded(exact: Float32Array, who: 'engine' | 'learner', scale: number): Float32Array {
      const rows = noise[who][rng.int(versions.length)] as number[]
      return exact.map((x, i) => x + scale * (rows[neighbour(places[i] as number)] as number))
    },
    /**
     * Differences between sampled tokens and their scores, if the prompt's keys are an old
     * policy's.
     */
    stale(name: string): Float32Array {
      const [old, own] = [of(`${name}.stale prefix`), of(`${name}.own prefix`)]
      const of128 = () => rng.int(old.length)
      return Float32Array.from({ length: probes * sampled }, () => {
        const i = of128()
        return (old[i] as number) - (own[i] as number)
      })
    },
    int: rng.int,
  }
}

const rows = (flat: Float32Array, size: number) =>
  Array.from({ length: probes }, (_, i) => flat.slice(i * size, (i + 1) * size))

/** The exact log-probabilities with which engine and learner currently compute. */
export type Now = {
  learner: Float32Array
  engine: Float32Array
  /** Whether the engine's values are measured ones, which contain their rounding already. */
  isMeasured?: boolean
  bare?: Float32Array
  stale?: Float32Array
  reused?: number
}

type How = { scale: number; isAdapter: boolean }
/** State that the emulated parts share: the current policy, and how often the sampler was asked. */
type Shared = { now: Now; version: number; asked: number }

const toBytes = (ids: Int32Array) => new Uint8Array(ids.buffer, ids.byteOffset, ids.byteLength)

function samplerOf(pool: Pool, { scale }: How, shared: Shared) {
  const round = (exact: Float32Array) => pool.rounded(exact, 'engine', scale)
  const own = () => round(shared.now.engine).subarray(0, probes * sampled)
  let drawn: Float32Array = new Float32Array()
  return {
    async score(given: Int32Array[], _?: AbortSignal, isBare = false) {
      const { now } = shared
      if ((given[0]?.length ?? 0) < length) {
        // A sampled token and its score differ by two roundings, and by the effect of an old cache.
        const again = rows(own(), sampled)
        return given.map((ids, i) => {
          const row = new Float32Array(ids.length - 1)
          row.set(again[i] as Float32Array, row.length - sampled)
          return row
        })
      }
      if (isBare) return rows(round(now.bare as Float32Array), length - 1)
      return rows(now.isMeasured ? now.engine : round(now.engine), length - 1)
    },
    async complete({ prompt: ids }: { prompt: string | Int32Array }) {
      const index = shared.asked++ % probes
      if (index === 0) {
        const { stale } = shared.now
        drawn = own().map((x, i) => x + (stale?.[i] ?? 0))
      }
      return {
        text: '',
        promptIds: ids as Int32Array,
        ids: new Int32Array(sampled),
        logprobs: drawn.slice(index * sampled, (index + 1) * sampled),
        finishReason: 'stop' as const,
      }
    },
  }
}

function learnerOf(pool: Pool, { scale }: How, shared: Shared) {
  const never = () => Promise.reject(new Error('Nothing is loaded or learned here'))
  return {
    isExact: false,
    load: never,
    update: never,
    async score(_: Int32Array[], __?: AbortSignal, isBare = false) {
      const { bare, learner } = shared.now
      const exact = isBare ? (bare as Float32Array) : learner
      return rows(pool.rounded(exact, 'learner', scale), length - 1)
    },
  }
}

function storeOf() {
  const sequences = Array.from({ length: probes }, () => new Int32Array(length))
  return {
    folder: '',
    event: async () => {},
    write: async () => {},
    read: {
      seedRollouts: async () => sequences.map((_, i) => String(i)),
      sequences: async (ids: string[]) =>
        ids.map(id => {
          const all = sequences[Number(id)] as Int32Array
          return [toBytes(all.subarray(0, prompt)), toBytes(all.subarray(prompt))]
        }),
      policy: async () => undefined,
      checkpoints: async () => [],
      batch: async () => [],
      update: async () => undefined,
    },
  }
}

function configOf(isAdapter: boolean) {
  const method = isAdapter ? { method: 'lora' } : {}
  return configSchema.parse({
    engine: { kind: 'vllm', dtype: 'bfloat16', loraRank: isAdapter ? 32 : 0 },
    trainer: { backend: 'transformers', dtype: 'bfloat16', loraRank: 32, ...method },
    parity: { probes },
  })
}

export function emulated(pool: Pool, how: How) {
  const shared: Shared = { now: {} as Now, version: 0, asked: 0 }
  const sampler = samplerOf(pool, how, shared)
  const learner = learnerOf(pool, how, shared)
  const gate = createGate({
    config: configOf(how.isAdapter),
    model: '',
    isSeeded: () => true,
    prompts: {},
    served: () => shared.version,
    engine: () => ({
      sampler: sampler as never,
      prefixCache: async () => {
        const { asked, now } = shared
        return { asked, cached: asked * (now.reused ?? 0) }
      },
    }),
    held: () => {
      return { learner, weights: { version: shared.version, weightsHash: '' }, fits: null }
    },
    store: storeOf(),
  } as unknown as Parameters<typeof createGate>[0])
  return {
    async load(next: Now) {
      shared.now = next
      shared.version += 1
      const found = await gate(shared.version, AbortSignal.timeout(600_000))
      if (found.type !== 'policy.probed') throw new Error(found.type)
      return found
    },
  }
}
