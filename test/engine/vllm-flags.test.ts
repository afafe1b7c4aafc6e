/** The flags and variables of a vLLM on a card, which no test here can start. */
import { describe, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { vllmOf } from '../../src/engine/start.ts'
import { environmentOf, type VllmOptions, vllmFlags } from '../../src/engine/vllm.ts'

const config = loadConfig('qwen2.5-coder-3b-24gb')
const on = (device: 'cpu' | 'cuda', more: Partial<VllmOptions> = {}) =>
  ({ ...vllmOf(config, '/model', device, 0.5), ...more }) as VllmOptions
const line = (device: 'cpu' | 'cuda', more: Partial<VllmOptions> = {}) =>
  vllmFlags(on(device, more), 1).join(' ')

describe('a vLLM on a card', () => {
  test('computes the head of half-precision weights in float32, as the learner does', () => {
    const flag = '--hf-overrides {"head_dtype":"float32"}'
    expect(line('cuda')).toContain(flag)
    for (const more of [{ isHeadHalf: true }, { dtype: 'float32' as const }]) {
      expect(line('cuda', more)).not.toContain('head_dtype')
    }
    expect(line('cpu')).not.toContain('head_dtype')
  })

  test('has the second model runner, which scores prompts 1,024 tokens at a time', () => {
    expect(environmentOf(on('cuda')).VLLM_USE_V2_MODEL_RUNNER).toBe('1')
    expect(environmentOf(on('cpu')).VLLM_USE_V2_MODEL_RUNNER).toBe('0')
  })

  test('sees only the cards of engine.cards, and on a CPU none', () => {
    expect(environmentOf(on('cuda', { cards: [1] })).CUDA_VISIBLE_DEVICES).toBe('1')
    expect(environmentOf(on('cpu')).CUDA_VISIBLE_DEVICES).toBe('')
  })
})
