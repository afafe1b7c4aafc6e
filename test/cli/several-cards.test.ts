/** Plans and children of a machine with several cards, which are described and not there. */
import { describe, expect, test } from 'vitest'
import { parametersOf, type Shape } from '../../domain/shape.ts'
import { dryLines } from '../../src/cli/dry-run.ts'
import { cardFor, visible } from '../../src/config/cards.ts'
import { configSchema } from '../../src/config/config.ts'
import { fitOf } from '../../src/config/fit/index.ts'
import { bytesOf, gib } from '../../src/config/fit/memory.ts'
import { cards } from '../../src/config/fit/time.ts'
import { loadConfig } from '../../src/config/load.ts'

const shapeOf = (preset: string) => loadConfig(preset).model.shape as Shape

describe('several cards of a machine', () => {
  const small = { method: 'lora', dtype: 'bfloat16', gradientCheckpointing: true }
  const apart = { kind: 'vllm', device: 'cuda', cards: [0, 1], loraRank: 16 }
  const both = { engine: apart, trainer: { ...small, cards: [2] } }
  const config = configSchema.parse(both)
  const card = (name: string, gigabytes: number) => {
    return { name, totalBytes: gigabytes * gib, freeBytes: gigabytes * gib }
  }

  test('if engine and learner have separate cards, the fuller one counts and neither sleeps', () => {
    const shape = shapeOf('qwen2.5-coder-3b-24gb')
    const on80 = { hardware: { ...cards[80] } as never, device: 'cuda' as const }
    const { memory, memoryShare } = fitOf(config, shape, on80)
    expect(memory.peak).toBe(Math.max(bytesOf(memory.learner), bytesOf(memory.engine)))
    expect(memory.engine.weights).toBe((parametersOf(shape).all * 2) / 2)
    // All of the card, except the memory for scoring a prompt.
    expect(memoryShare).toBeGreaterThan(0.9)
    const sleeping = { ...both, engine: { ...both.engine, sleep: true } }
    expect(() => configSchema.parse(sleeping)).toThrow(/has to be false if engine.cards/)
    const two = { ...both, trainer: { ...small, cards: [2, 3] } }
    expect(() => configSchema.parse(two)).toThrow(/one card for each of trainer.processes/)
  })

  test('are planned as they are: the smallest of the used ones', () => {
    const here = [card('a', 24), card('b', 16), card('c', 48)]
    expect(cardFor(config, here)?.name).toBe('b')
    expect(cardFor(configSchema.parse({}), here)?.name).toBe('a')
    expect(cardFor(config, here.slice(0, 2))).toBeNull()
  })

  test('children see only their own cards, among those that we may use', () => {
    const before = process.env.CUDA_VISIBLE_DEVICES
    try {
      delete process.env.CUDA_VISIBLE_DEVICES
      expect(visible(null)).toEqual({})
      expect(visible([1, 0])).toEqual({ CUDA_VISIBLE_DEVICES: '1,0' })
      process.env.CUDA_VISIBLE_DEVICES = 'MIG-a,MIG-b'
      expect(visible([1])).toEqual({ CUDA_VISIBLE_DEVICES: 'MIG-b' })
      expect(() => visible([2])).toThrow(/Cannot use cards 2 as CUDA_VISIBLE_DEVICES shows 2/)
    } finally {
      if (before === undefined) delete process.env.CUDA_VISIBLE_DEVICES
      else process.env.CUDA_VISIBLE_DEVICES = before
    }
  })

  test('vLLM splits its weights over several', () => {
    const line = dryLines('own', { ...config, model: loadConfig('qwen2.5-7b').model }).join('\n')
    expect(line).toMatch(/--tensor-parallel-size 2/)
  })
})
