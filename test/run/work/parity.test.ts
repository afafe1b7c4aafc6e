/**
 * The gate over a scripted engine and learner with drawn rounding: what it accepts, and what it
 * catches.
 */
import { describe, expect, test } from 'vitest'
import { stream } from '../../../domain/rng.ts'
import { configSchema } from '../../../src/config/config.ts'
import { createGate } from '../../../src/run/work/parity.ts'

const rows = 8
const length = 512
/** The size of the change between two versions: half of the rounding of each computation. */
const step = 0.03
const rounding = 0.06

/** Normally distributed numbers, one per token. */
function drawn(size: number, ...key: (string | number)[]): Float32Array {
  const rng = stream(1, 'probe', ...key.map(String))
  const normal = () => Math.sqrt(-2 * Math.log(1 - rng.next())) * Math.cos(2 * Math.PI * rng.next())
  return Float32Array.from({ length: length - 1 }, () => size * normal())
}

const sum = (...parts: Float32Array[]) =>
  (parts[0] as Float32Array).map((_, i) =>
    parts.reduce((all, part) => all + (part[i] as number), 0),
  )

/** The exact log-probabilities of row `i` under a version's weights. */
const exact = (version: number, i: number) => {
  const steps = Array.from({ length: version }, (_, v) => drawn(step, 'step', v + 1, i))
  return sum(drawn(1, 'base', i), ...steps)
}

type Given = { isHalf?: boolean; isAdapter?: boolean; isSeeded?: boolean; count?: number }

function world({ isHalf = true, isAdapter = false, isSeeded = true, count = rows }: Given = {}) {
  const noise = isHalf ? rounding : 1e-5
  /** `holds` is the version whose weights the engine really uses. The other fields add faults. */
  const engine = { holds: 0, off: 0, reused: 0, asked: 0, looks: 0 }
  let version = 0
  const written: unknown[] = []
  const events: { suspect: string }[] = []
  const sequences = Array.from({ length: count }, (_, i) => new Int32Array(length).fill(i))
  const bytes = (ids: Int32Array) => new Uint8Array(ids.buffer, ids.byteOffset, ids.byteLength)
  const of = (ids: Int32Array) => ids[0] as number
  const scoreOf =
    (holds: number, who: string, off = 0) =>
    (ids: Int32Array) => {
      const found = sum(exact(holds, of(ids)), drawn(noise, who, version, engine.looks, of(ids)))
      return found.map(value => value + off).slice(0, ids.length - 1)
    }
  const sampler = {
    score: async (asked: Int32Array[], _?: AbortSignal, isBare = false) => {
      engine.looks += 1
      return asked.map(scoreOf(isBare ? 0 : engine.holds, isBare ? 'bare' : 'engine', engine.off))
    },
    complete: async ({ prompt }: { prompt: string | Int32Array }) => {
      engine.asked += 1
      const isText = typeof prompt === 'string'
      const row = isText ? Number(prompt) : of(prompt)
      const [promptIds, ids] = [4, isText ? length - 4 : 8].map(size =>
        new Int32Array(size).fill(row),
      ) as [Int32Array, Int32Array]
      const whole = new Int32Array(promptIds.length + ids.length).fill(row)
      const logprobs = scoreOf(engine.holds, 'sampled', engine.off)(whole).slice(3)
      return { text: '', promptIds, ids, logprobs, finishReason: 'stop' as const }
    },
  }
  const learner = {
    isExact: true,
    load: () => Promise.reject(new Error('Nothing is loaded here')),
    update: () => Promise.reject(new Error('Nothing is learned here')),
    score: async (asked: Int32Array[], _?: AbortSignal, isBare = false) =>
      asked.map(scoreOf(isBare ? 0 : version, isBare ? 'bare learner' : 'learner')),
  }
  const config = configSchema.parse({
    seed: 1,
    engine: { kind: 'vllm', dtype: isHalf ? 'bfloat16' : 'float32', loraRank: isAdapter ? 8 : 0 },
    trainer: isAdapter ? { method: 'lora', loraRank: 8, backend: 'transformers' } : {},
    parity: { probes: count },
  })
  const gate = createGate({
    config,
    model: '',
    isSeeded: () => isSeeded,
    prompts: { a: { text: '0', answer: 999 }, b: { text: '1', answer: 999 } },
    served: () => version,
    engine: () => ({
      sampler,
      prefixCache: async () => ({ asked: 0, cached: engine.asked * engine.reused }),
    }),
    held: () => ({ learner, weights: { version, weightsHash: 'w' }, fits: null }),
    store: {
      folder: '',
      event: async (_: string, detail?: unknown) => void events.push(detail as { suspect: string }),
      write: async writes => void written.push(...writes),
      read: {
        seedRollouts: async () => sequences.map((_, i) => String(i)),
        sequences: async (ids: string[]) =>
          ids.map(id => {
            const all = sequences[Number(id)] as Int32Array
            return [bytes(all.subarray(0, 4)), bytes(all.subarray(4))]
          }),
        policy: async () => undefined,
        checkpoints: async () => [],
        batch: async () => [],
        update: async () => undefined,
      },
    },
  } as Parameters<typeof createGate>[0])
  return {
    engine,
    events,
    written,
    /** Loads a version. The engine really uses the weights of `holds`. */
    async load(next: number, holds = next) {
      version = next
      engine.holds = holds
      const found = await gate(next, AbortSignal.timeout(20_000))
      if (found.type !== 'policy.probed') throw new Error(found.type)
      return found
    },
  }
}

describe('the gate in half precision', () => {
  test('accepts right weights, even if single tokens differ a lot', async () => {
    const { load, written } = world()
    for (let version = 0; version < 12; version++) {
      const { passed, measured } = await load(version)
      expect(passed, measured).toBe(true)
      expect(measured).toMatch(/4088 tokens: rms 0\.08/)
      expect(written).toHaveLength(version + 1)
    }
  })

  test('catches weights that are wrong for all tokens, or for one in two hundred', async () => {
    const all = world()
    all.engine.off = 0.2
    const { passed, suspect } = await all.load(0)
    expect([passed, suspect]).toEqual([false, expect.stringMatching(/damaged weights/)])
  })

  test('catches weights that are never loaded, once their changes exceed the rounding', async () => {
    const { load } = world()
    expect((await load(0)).passed).toBe(true)
    const found = []
    for (let version = 1; version < 20; version++) found.push(await load(version, 0))
    const first = found.findIndex(({ passed }) => !passed)
    expect(first).toBeGreaterThan(4)
    expect(found[first]?.suspect).toMatch(/like the previous policy/)
    expect(found[first]?.measured).toMatch(
      /the engine shows .* of the change since the previous policy/,
    )
    expect((await load(20)).passed).toBe(true)
  })

  test('fails for a token without a number', async () => {
    const { load, engine } = world()
    engine.off = Number.NaN
    expect((await load(0)).passed).toBe(false)
  })

  test('catches a prefix cache that was not reset, even within the rounding', async () => {
    const { load, engine, events } = world()
    expect((await load(0)).passed).toBe(true)
    engine.reused = 16
    const { passed, measured, suspect } = await load(1)
    expect(passed).toBe(false)
    expect(suspect).toMatch(/stale prefix cache/)
    expect(measured).toMatch(/16 tokens from a prefix cache that should be empty/)
    expect(events).toHaveLength(1)
  })
})

describe('the gate in float32', () => {
  const exactly = { isHalf: false }
  test('uses the largest difference, and notices a change that is far below it', async () => {
    const { load } = world(exactly)
    expect((await load(0)).passed).toBe(true)
    expect((await load(1)).passed).toBe(true)
    const { passed, suspect } = await load(2, 1)
    expect([passed, suspect]).toEqual([false, expect.stringMatching(/like the previous policy/)])
    expect((await load(2)).passed).toBe(true)
  })

  test('names an adapter that is bound to no layer, and weights of neither policy', async () => {
    const { load, engine } = world({ ...exactly, isAdapter: true })
    expect((await load(0)).passed).toBe(true)
    expect((await load(2)).passed).toBe(true)
    const bare = await load(3, 0)
    expect([bare.passed, bare.suspect]).toEqual([false, expect.stringMatching(/bound to no layer/)])
    expect((await load(3)).passed).toBe(true)
    engine.off = 0.5
    expect((await load(4)).suspect).toMatch(/damaged weights/)
  })
})

describe('before the seeding', () => {
  test('the engine writes the probes, and a fault is found before the first task', async () => {
    const { load, engine, written } = world({ isSeeded: false })
    const { passed, measured } = await load(0)
    expect(passed, measured).toBe(true)
    expect(measured).toMatch(/4088 tokens/)
    expect(written).toEqual([])
    engine.off = 0.5
    expect((await load(0)).passed).toBe(false)
  })
})
