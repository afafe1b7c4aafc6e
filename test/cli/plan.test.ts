/**
 * The planner: parameters against the published counts, bytes by hand, every preset on its card.
 */
import { describe, expect, test } from 'vitest'
import { adapterParameters, cacheBytes, parametersOf, type Shape } from '../../domain/shape.ts'
import { parseArgs } from '../../src/cli/args.ts'
import { dryLines } from '../../src/cli/dry-run.ts'
import { fitLines } from '../../src/cli/fit-lines.ts'
import { fitFor, spec } from '../../src/cli/plan.ts'
import { configSchema } from '../../src/config/config.ts'
import { fitOf } from '../../src/config/fit/index.ts'
import { bytesOf, gib, memoryOf } from '../../src/config/fit/memory.ts'
import { cards } from '../../src/config/fit/time.ts'
import { loadConfig, parseConfig, presetNames } from '../../src/config/load.ts'
import { shareOn } from '../../src/engine/memory-share.ts'
import { serverFlags } from '../../src/engine/vllm.ts'
import { learnerOf } from '../../src/learner/settings.ts'

const argsOf = (...words: string[]) => parseArgs(spec, words)
const shapeOf = (preset: string) => loadConfig(preset).model.shape as Shape

describe('shapes', () => {
  test.each([
    ['qwen2.5-3b', 3.09e9],
    ['qwen2.5-7b', 7.62e9],
    ['qwen2.5-14b', 14.77e9],
    ['llama3.1-8b', 8.03e9],
    ['smollm2-135m', 134.5e6],
  ])('%s has the published number of parameters', (preset, published) => {
    expect(Math.abs(parametersOf(shapeOf(preset)).all / published - 1)).toBeLessThan(0.003)
  })

  test('keys and values, adapters: the figures of docs/how-to/several-cards.md', () => {
    expect(cacheBytes(shapeOf('qwen2.5-3b'), 2)).toBe(36 * 1024)
    expect(cacheBytes(shapeOf('qwen2.5-7b'), 2)).toBe(56 * 1024)
    expect(adapterParameters(shapeOf('qwen2.5-3b'), 16) / 1e6).toBeCloseTo(29.9, 1)
  })
})

describe('memory, computed by hand', () => {
  const shape: Shape = {
    layers: 2,
    width: 8,
    inner: 16,
    heads: 2,
    keyHeads: 1,
    headSize: 4,
    vocabulary: 100,
    tied: true,
  }
  // A layer: 8·8 + 2·8·4 + 8·8 + 3·8·16 = 576; five norms of 8; one embedding of 800.
  const all = 2 * 576 + 40 + 800
  const trainer = { backend: 'transformers', gradientCheckpointing: true, microBatchTokens: 64 }
  const configOf = (more: object) =>
    configSchema.parse({
      engine: { kind: 'vllm', maxLength: 32, loraRank: 64 },
      trainer: { ...trainer, ...more },
    })

  test('full weights in half precision: 2 + 4 + 4 + 8 bytes each', () => {
    const { learner } = memoryOf(configOf({ dtype: 'bfloat16' }), shape, 'cuda')
    expect(learner).toMatchObject({ weights: 2 * all, gradients: 4 * all, masters: 4 * all })
    expect(learner.moments).toBe(8 * all)
    // One layer: 2·(4·8 + 2·2·8) + 6·8·2 + 4·16·2; the inputs of two, and two layers at once.
    expect(learner.activations).toBe(64 * (2 * 8 * 2 + 2 * 352))
  })

  test('adapters: the unchanged base, and four numbers for each parameter that learns', () => {
    const { learner, disk } = memoryOf(configOf({ method: 'lora', loraRank: 2 }), shape, 'cuda')
    const learned = 2 * 2 * (16 + 12 + 12 + 16 + 24 + 24 + 24)
    expect(learner.weights).toBe(4 * all + 4 * learned)
    expect(learner.gradients as number).toBe(4 * learned)
    expect(learner.moments).toBe(8 * learned)
    expect(disk.policies).toBe(3 * 4 * learned)
  })

  test("on the CPU: masters and moments are in the machine's memory, not on the card", () => {
    const away = configOf({ dtype: 'bfloat16', optimizer: 'adamwCpu' })
    const { learner, host } = memoryOf(away, shape, 'cuda')
    expect(learner).toMatchObject({ weights: 2 * all, gradients: 2 * all })
    expect(learner).not.toHaveProperty('moments')
    expect(bytesOf(host)).toBe(16 * all)
  })

  test('several cards: each has its part, and what a pass gathers', () => {
    const one = memoryOf(configOf({ dtype: 'bfloat16' }), shape, 'cuda').learner
    const { learner } = memoryOf(configOf({ dtype: 'bfloat16', processes: 4 }), shape, 'cuda')
    expect(learner).toMatchObject({ weights: (2 * all) / 4, moments: (8 * all) / 4 })
    // Norms and embedding, the two layers, and the embedding's gradient.
    expect(learner.gathered).toBe(2 * (40 + 800 + 2 * 576) + 2 * 800)
    expect(learner.activations).toBe(one.activations as number)
  })

  test('taking turns, the larger of both counts; otherwise their sum', () => {
    const config = configOf({ dtype: 'bfloat16' })
    const both = memoryOf(config, shape, 'cuda')
    expect(both.peak).toBe(bytesOf(both.learner) + bytesOf(both.engine))
    const sleeping = { ...config, engine: { ...config.engine, sleep: true } }
    const turns = memoryOf(sleeping, shape, 'cuda')
    const { learner, resting, engine } = turns
    expect(resting).toMatchObject({ weights: 2 * all, masters: 4 * all, moments: 8 * all })
    expect(Object.keys(resting)).not.toContain('gradients')
    // In the parity gate the learner scores first, then the engine.
    const less = Math.min(resting.scoring as number, engine.scoring as number)
    const together = bytesOf(engine) + bytesOf(resting) - less
    expect(turns.peak).toBe(Math.max(bytesOf(learner) + gib, together))
    // A pass scores as much as the longest sequence, or as the learner's largest pass.
    expect(resting.scoring).toBe(64 * (3 * 16 + 4 * 8) * 2 + 3 * 256 * 100 * 4 + 4 * 800)
  })
})

describe.each(presetNames())('preset %s', name => {
  const config = loadConfig(name)
  test('is planned without a model, and fits the card in its comment', async () => {
    const [, gpu = '80'] = /-(\d+)gb$/.exec(name) ?? []
    const isOnCard = config.engine.kind === 'vllm' && config.engine.device === 'cuda'
    const found = fitFor(config, await argsOf(name, ...(isOnCard ? ['--gpu', gpu] : [])))
    expect(found.fits, fitLines(found).join('\n')).toBe(true)
    expect(found.device).toBe(isOnCard ? 'cuda' : 'cpu')
    expect(fitLines(found).join('\n')).not.toMatch(/NaN|undefined|Infinity/)
    if (isOnCard) {
      const card = found.hardware.memoryBytes
      const all = { totalBytes: card, freeBytes: card }
      const room = shareOn(config, config.model.shape, all) * card
      // vLLM's share is rounded down. It does not include the memory that scores a prompt.
      const { scoring: _, ...held } = found.memory.engine
      expect(bytesOf(held)).toBeLessThanOrEqual(room + 0.01 * card)
      // The learner keeps its weights and moments while the engine answers.
      expect(room + bytesOf(found.memory.resting)).toBeLessThan(card)
    }
  })

  test('dry run: the commands of its engine and its learner', () => {
    const { settings } = learnerOf(config, '/model')
    expect(settings.backend).toBe(config.engine.kind === 'embedded' ? 'plain' : 'transformers')
    const isAdapter = config.trainer.method !== 'full'
    expect(serverFlags({ ...config.engine }).includes('--enable-lora')).toBe(isAdapter)
    const lines = dryLines(name, config).join('\n')
    const engine =
      config.engine.kind === 'embedded' ? /-m azr_engine --model/ : /azr_vllm .*--dtype/
    expect(lines).toMatch(engine)
    expect(lines).toMatch(/-m azr_trainer --threads \d/)
    expect(lines).not.toMatch(/NaN|undefined|null/)
    expect(parseConfig(JSON.parse(JSON.stringify(config)), 'as stored')).toEqual(config)
  })
})

describe('a preset that does not fit', () => {
  const on = (preset: string, gigabytes: number, trainer: object = {}) => {
    const config = loadConfig(preset)
    const changed = { ...config, trainer: { ...config.trainer, ...trainer } }
    const hardware = cards[gigabytes] as NonNullable<(typeof cards)[number]>
    return fitOf(changed, shapeOf(preset), { hardware, device: 'cuda' })
  }

  test('gets a knob that makes it fit, and fits with it', () => {
    const found = on('qwen2.5-coder-3b-24gb', 24, { method: 'full' })
    expect(found.fits).toBe(false)
    expect(found.cure).toEqual(['--trainer.optimizer=adamwCpu'])
    expect(on('qwen2.5-coder-3b-24gb', 24, { method: 'full', optimizer: 'adamwCpu' }).fits).toBe(
      true,
    )
  })

  test('says if no knob helps', () => {
    const found = on('qwen2.5-14b', 24)
    expect(found.cure).toBeNull()
    expect(fitLines(found).join('\n')).toContain('no knob makes it fit')
  })

  test('a card that is not in the table is refused', async () => {
    const args = await argsOf('qwen2.5-3b', '--gpu', '13')
    expect(() => fitFor(loadConfig('qwen2.5-3b'), args)).toThrow(/there are 8, 12, 16, 24, 48, 80/)
  })

  test("the engine's share comes from the plan or the config, or an error says what to do", () => {
    const config = loadConfig('qwen2.5-coder-3b-24gb')
    const { shape } = config.model
    const card = (gigabytes: number, free = gigabytes) => {
      return { totalBytes: gigabytes * gib, freeBytes: free * gib }
    }
    const found = shareOn(config, shape, card(24))
    expect(found).toBeGreaterThan(0.4)
    expect(shareOn(config, shape, card(80))).toBeGreaterThan(found)
    // A desktop uses some of it.
    expect(shareOn(config, shape, card(24, 22))).toBeLessThan(found)
    const own = { ...config, engine: { ...config.engine, memoryShare: 0.3 } }
    expect(shareOn(own, null, null)).toBe(0.3)
    const small = /Cannot fit engine and learner.*12 GB, of which 12 are free/
    expect(() => shareOn(config, shape, card(12))).toThrow(small)
    expect(() => shareOn(config, shape, card(24, 12))).toThrow(/24 GB, of which 12 are free/)
    expect(() => shareOn(config, shape, null)).toThrow(/torch sees no card.*--engine.memoryShare/)
  })
})
