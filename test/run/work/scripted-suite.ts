/** Items of a held-out suite, with a scripted engine, a counting sandbox and a real store. */
import { afterEach, beforeEach } from 'vitest'
import type { ItemOrder } from '../../../actors/messages.ts'
import { builtInKinds } from '../../../domain/kinds/index.ts'
import { microDialect } from '../../../domain/prompts/index.ts'
import { findSuite, suiteOf } from '../../../src/benchmarks/suites.ts'
import { configSchema } from '../../../src/config/config.ts'
import type { SamplingRequest } from '../../../src/engine/types.ts'
import { evaluationsDue } from '../../../src/run/work/due.ts'
import { attemptItem, gradeItem } from '../../../src/run/work/evaluate.ts'
import { createRoom } from '../../../src/run/work/room.ts'
import { createVerdicts } from '../../../src/run/work/verdicts.ts'
import { type OpenRun, openRun } from '../../../state/open.ts'
import { temporary } from '../../temporary.ts'

export const config = configSchema.parse({
  steps: 0,
  evaluate: {
    suites: ['tiny'],
    modes: ['greedy', 'sampled', 'direct', 'scratch'],
    samples: 4,
    maxTokens: 9,
  },
})
export const { signal } = new AbortController()

const item = (kind: 'deduction' | 'abduction', output: string) => ({
  id: `tiny.${kind}`,
  kind,
  program: 'def f(a):\n return a + 1',
  hash: `tiny.${kind}`,
  normalized: '',
  message: '',
  pairs: [{ input: '4', output, canonical: '' }],
})
export const suite = suiteOf(findSuite('tiny'), [item('deduction', '5'), item('abduction', '5')])

/**
 * The model's answers, chosen by the mark at the end of the prompt; sampled ones by their number.
 */
function completionsOf({ temperature, ...request }: SamplingRequest, count: number): string[] {
  const prompt = String(request.prompt)
  if (prompt.endsWith('<A>')) return ['5']
  if (prompt.endsWith('<T>')) return ['5;<A>5']
  if (temperature === 0) return ['<T>5;<A>6']
  return ['<A>5', '<T>5;<A>5', '<A>4', '5'].slice(0, count)
}

export let opened: OpenRun
/** The requests to the engine, and the texts that the sandbox read or ran. */
export let asked: SamplingRequest[]
export let judged: string[]

type Items = Parameters<typeof attemptItem>[0] & Parameters<typeof gradeItem>[0]

/** One token per letter. */
export const encode = async (text: string) => Int32Array.from(text, letter => letter.charCodeAt(0))

export function portsOf(): Items {
  const literal = async (text: string) => {
    judged.push(text)
    return { ok: true as const, canonical: text, display: text }
  }
  const sandbox = {
    readLiteral: literal,
    readArguments: async (text: string) => ({ ok: true as const, canonical: text, display: text }),
    inspect: async () => ({ ok: false as const, error: 'no suite has one' }),
    execute: async ({ inputs }: { inputs: string[] }) => {
      judged.push(`f(${inputs[0]})`)
      const value = String(Number(inputs[0]) + 1)
      return [
        {
          outcome: 'returned' as const,
          output: value,
          canonical: value,
          error: null,
          literal: true,
        },
      ].map(execution => ({ ...execution, inputCanonical: '', cpuMs: 1, peakMemoryBytes: 1 }))
    },
  }
  const completeMany = async (request: SamplingRequest, count: number) => {
    asked.push(request)
    return completionsOf(request, count).map(text => ({
      text,
      promptIds: new Int32Array([1]),
      ids: new Int32Array([2]),
      logprobs: new Float32Array([0]),
      finishReason: 'stop' as const,
    }))
  }
  return {
    config,
    sandbox,
    store: opened.store,
    kinds: builtInKinds,
    dialect: microDialect,
    asking: microDialect,
    suites: new Map([['tiny', suite]]),
    room: createRoom({ config, engine: () => ({ sampler: { encode } }) }),
    verdicts: createVerdicts(sandbox),
    graders: { grade: async () => Promise.reject(new Error('no suite is a benchmark')) },
    engine: () => ({ sampler: { completeMany } }),
    frame: async ({ question }) => question,
  }
}

export const ordersOf = (ports: Items) => evaluationsDue(ports, 0, [])[0]?.orders ?? []

export async function evaluate(ports: Items, orders: ItemOrder[]): Promise<void> {
  await opened.store.beginStep(0)
  for (const order of orders) {
    await attemptItem(ports, order, 0, signal)
    await gradeItem(ports, order, signal)
  }
}

/** Gives each test its own store. */
export function openEach(): void {
  beforeEach(async () => {
    const run = { name: 'one', preset: 'x', seed: 1, config: {}, versions: {}, created_at_ms: 0 }
    opened = await openRun(temporary('evaluate'), 'one', run)
    asked = []
    judged = []
  })
  afterEach(async () => {
    await opened.release()
  })
}
