/** The tokens and the seconds of a step, by hand. */
import { describe, expect, test } from 'vitest'
import { parametersOf, type Shape } from '../../domain/shape.ts'
import { fitLines } from '../../src/cli/fit-lines.ts'
import { configSchema } from '../../src/config/config.ts'
import { fitOf } from '../../src/config/fit/index.ts'
import { cards, scoredOf, tokensOf } from '../../src/config/fit/time.ts'
import { loadConfig } from '../../src/config/load.ts'

const shapeOf = (preset: string) => loadConfig(preset).model.shape as Shape

describe('tokens of a step', () => {
  test("the paper's: 192 proposals, their estimates, 192 answers", () => {
    const { samples } = tokensOf(configSchema.parse({ engine: { maxLength: 16384 } }))
    expect(samples).toBe(192 + 192 * 8 + 192)
  })

  test('tasks of the batch that are not new are answered again, as in micro', () => {
    // 36 proposals, 8 estimates of each, and 12 older tasks of each kind with 8 answers.
    expect(tokensOf(loadConfig('micro')).samples).toBe(36 + 36 * 8 + 3 * 12 * 8)
  })

  test('texts are as long as those of the dialect: code, by hand', () => {
    const config = loadConfig('smollm2-135m')
    // 6 proposals a kind, 0.4 of them valid and estimated 4 times; 1.6 more tasks of 4 answers.
    const answers = 3 * (2.4 * 4 + 1.6 * 4)
    const heads = 3 * (250 + 240)
    const scored = 18 * 38 + answers * 17
    const found = tokensOf(config)
    expect(found.samples).toBe(18 + answers)
    expect(found.prompt).toBeCloseTo(heads + 18 * 50 + 12 * 60, 6)
    expect(found.completion).toBeCloseTo(scored, 6)
    expect(found.longest).toBe(96 + 64)
    expect(found.scored).toBeCloseTo(scored, 6)
    // Two passes, because 2,048 tokens are not enough.
    expect(found.trained).toBeCloseTo(heads + 250 + 18 * 50 + 12 * 60 + scored, 6)
    const r1 = tokensOf({ ...config, dialect: 'r1' })
    // Its texts are longer than this config allows.
    expect(r1.completion).toBe(18 * 96 + (r1.samples - 18) * 64)
  })

  test('a step lasts at least as long as its longest texts', () => {
    const config = loadConfig('smollm2-135m')
    const hardware = { name: 'one', flops: 1e12, bandwidth: 1e10, memoryBytes: 1e12 }
    const secondsWith = (maxTokens: number) =>
      fitOf({ ...config, solve: { ...config.solve, maxTokens } }, shapeOf('smollm2-135m'), {
        hardware,
        device: 'cpu',
      }).seconds.sample
    const { all } = parametersOf(shapeOf('smollm2-135m'))
    // Each round reads the weights, at half of the bandwidth. No answer has 32 tokens on average.
    expect(secondsWith(64) - secondsWith(32)).toBeCloseTo(32 * ((all * 4) / 5e9 + 0.004), 3)
  })

  test('the answers of the curve are counted: suites, items and kinds, each time', () => {
    expect(scoredOf(loadConfig('micro'))).toBe(2 * 100 * 3)
    expect(scoredOf(loadConfig('qwen2.5-7b'))).toBe(5 * 20)
    expect(scoredOf(configSchema.parse({}))).toBe(0)
  })

  test("several cards share the learner's work, and are named", () => {
    const config = loadConfig('qwen2.5-7b')
    const on = (trainer: object) =>
      fitOf({ ...config, trainer: { ...config.trainer, ...trainer } }, shapeOf('qwen2.5-7b'), {
        hardware: cards[80] as NonNullable<(typeof cards)[number]>,
        device: 'cuda',
      })
    const [one, four] = [on({ optimizer: 'adamw' }), on({ processes: 4, optimizer: 'adamw' })]
    expect(four.seconds.train).toBeCloseTo(one.seconds.train / 4, 6)
    expect(fitLines(four)[0]).toBe('on each of 4 × 80 GB (H100):')
    expect(four.fits).toBe(true)
  })
})
