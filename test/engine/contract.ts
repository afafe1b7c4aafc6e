/** The contract of every engine, tested against a running server. */
import { describe, expect, test } from 'vitest'
import type { EngineServer, SamplingRequest } from '../../src/engine/types.ts'

const prompt = '<D>def f(a):\n return a + 3<I>4<S>'
const base: SamplingRequest = {
  prompt,
  maxTokens: 24,
  temperature: 1,
  topP: 1,
  seed: 7,
  stop: [],
}

/** Prompts of four lengths, four times each, scored together and one by one. */
export async function scoredBothWays({ sampler }: EngineServer) {
  const asked = [1, 2, 3, 4].map(times =>
    sampler.complete({ ...base, prompt: prompt.repeat(times), maxTokens: 1 }),
  )
  const sequences = (await Promise.all(asked)).flatMap(({ promptIds }) =>
    Array<Int32Array>(4).fill(promptIds),
  )
  const together = await sampler.score(sequences)
  const both: { together: Float32Array | undefined; alone: Float32Array | undefined }[] = []
  for (const [i, ids] of sequences.entries()) {
    const [alone] = await sampler.score([ids])
    both.push({ together: together[i], alone })
  }
  return both
}

export function engineContract(
  engine: () => EngineServer,
  /** Largest difference between a sampled and a scored log-probability. */
  tolerance: number,
  folder: string,
): void {
  const complete = (over: Partial<SamplingRequest> = {}) =>
    engine().sampler.complete({ ...base, ...over })

  describe('an engine', () => {
    test('gives ids, log-probabilities and text of the same completion', async () => {
      const { text, ids, logprobs, promptIds, finishReason } = await complete()
      expect(promptIds.length).toBeGreaterThan(0)
      expect(ids.length).toBe(logprobs.length)
      expect(ids.length).toBeGreaterThan(0)
      expect([...logprobs].every(value => value <= 0)).toBe(true)
      expect(text.length).toBeGreaterThan(0)
      expect(['stop', 'length']).toContain(finishReason)
    })

    test('always gives the same answer to a seed, and others to other seeds', async () => {
      const [one, again] = [await complete(), await complete()]
      expect(again).toEqual(one)
      const texts = await Promise.all(
        Array.from({ length: 8 }, (_, i) => complete({ seed: i, temperature: 2 })),
      )
      expect(new Set(texts.map(({ text }) => text)).size).toBeGreaterThan(1)
    })

    test('is greedy at temperature 0, whatever the seed', async () => {
      const [one, two] = [
        await complete({ temperature: 0, seed: 1 }),
        await complete({ temperature: 0, seed: 2 }),
      ]
      expect(two.ids).toEqual(one.ids)
    })

    test('gives several completions the same results as their seeds give one by one', async () => {
      const many = await engine().sampler.completeMany(base, 3)
      const each = await Promise.all([7, 8, 9].map(seed => complete({ seed })))
      expect(many).toEqual(each)
    })

    test('gives the ids of a text as part of a prompt', async () => {
      const { promptIds } = await complete({ prompt: 'def f(a):' })
      expect(await engine().sampler.encode('def f(a):')).toEqual(promptIds)
    })

    test('ends at a stop text, and cuts it off or keeps it', async () => {
      const whole = await complete({ temperature: 0 })
      const stop = whole.text.slice(1, 3)
      const cut = await complete({ temperature: 0, stop: [stop] })
      expect(cut.text).toBe(whole.text.slice(0, whole.text.indexOf(stop)))
      const kept = await complete({ temperature: 0, stop: [stop], keepsStop: true })
      expect(kept.text).toBe(cut.text + stop)
      expect(cut.finishReason).toBe('stop')
    })

    test('ends after a number of end marks: the text is cut before the last one', async () => {
      const asked = { prompt: '<PF>def f(a):\n return a + 3<S>', maxTokens: 64, seed: 11 }
      const whole = await complete(asked)
      const mark = whole.text.slice(0, 1)
      const count = whole.text.split(mark).length - 1
      const cut = await complete({ ...asked, end: { text: mark, count } })
      expect(cut.text).toBe(whole.text.slice(0, whole.text.lastIndexOf(mark)))
      expect(cut.finishReason).toBe('stop')
      expect(cut.ids).toEqual(whole.ids.slice(0, cut.ids.length))
      expect(cut.logprobs).toEqual(whole.logprobs.slice(0, cut.ids.length))
      expect(cut.ids.length).toBeLessThan(whole.ids.length)
      const more = await complete({ ...asked, end: { text: mark, count: count + 1 } })
      expect(more).toEqual(whole)
    })

    test('reports that a completion was cut at its length', async () => {
      const { ids, finishReason } = await complete({ maxTokens: 1 })
      expect(ids.length).toBe(1)
      expect(finishReason).toBe('length')
    })

    test('gives sampled ids the same log-probabilities when it scores them', async () => {
      const { promptIds, ids, logprobs } = await complete()
      const sequence = Int32Array.from([...promptIds, ...ids])
      const [scored] = await engine().sampler.score([sequence])
      expect(scored?.length).toBe(sequence.length - 1)
      const tail = scored?.slice(promptIds.length - 1) ?? []
      const gaps = [...logprobs].map((value, i) => Math.abs(value - (tail[i] ?? Number.NaN)))
      // Half precision is off by at most 1/2048.
      const allowed = [...logprobs].map(value => tolerance + Math.abs(value) / 2048)
      expect(gaps.filter((gap, i) => gap > (allowed[i] as number))).toEqual([])
    })

    test('scores many at once like one by one', async () => {
      for (const { together, alone = [] } of await scoredBothWays(engine())) {
        const gaps = [...alone].map((value, at) => Math.abs(value - (together?.[at] ?? Number.NaN)))
        expect(Math.max(...gaps)).toBeLessThan(tolerance)
      }
    })

    test('gives a request the same bytes whatever shares its batch, in any order', async () => {
      const alone = await complete()
      for (const neighbours of [1, 2, 7, 64]) {
        for (const place of [0, neighbours >> 1, neighbours]) {
          const requests = Array.from({ length: neighbours + 1 }, (_, i) =>
            i === place
              ? complete()
              : complete({ prompt: prompt.repeat(1 + (i % 3)), seed: 100 + i * (place + 1) }),
          )
          const mine = (await Promise.all(requests))[place]
          expect(mine, `${neighbours} neighbours, in place ${place}`).toEqual(alone)
        }
      }
    })

    test('refuses invalid requests, and continues', async () => {
      await expect(complete({ prompt: prompt.repeat(200) })).rejects.toThrow(/engine answered/i)
      await expect(complete({ temperature: -1 })).rejects.toThrow(/engine answered/i)
      expect((await complete()).ids.length).toBeGreaterThan(0)
    })

    test('drops a request that is abandoned, and continues', async () => {
      const controller = new AbortController()
      const request = engine().sampler.complete({ ...base, seed: 3 }, controller.signal)
      controller.abort()
      await expect(request).rejects.toThrow()
      expect((await complete()).ids.length).toBeGreaterThan(0)
    })

    test('loads weights without a restart, and answers with them', async () => {
      const before = await complete()
      await engine().load(folder, 1)
      expect(await complete()).toEqual(before)
      await expect(engine().load('/nowhere', 2)).rejects.toThrow(/nowhere/)
      expect(await complete()).toEqual(before)
    })
  })
}
