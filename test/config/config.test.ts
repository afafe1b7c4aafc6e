import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { plain } from '../../lib/terminal.ts'
import { parseArgs } from '../../src/cli/args.ts'
import { spec as train } from '../../src/cli/train.ts'
import { configSchema } from '../../src/config/config.ts'
import {
  alteredConfig,
  knobs,
  loadConfig,
  parseConfig,
  presetNames,
  resumeConfig,
} from '../../src/config/load.ts'
import { temporary } from '../temporary.ts'

const set = (path: string, value: string) => ({ path, value })

describe('presets', () => {
  test.each(presetNames())('%s can be used', name => {
    const small = /^(micro|smoke)/.test(name) ? 'micro' : 'r1'
    const isCode = /^(smollm2|qwen2\.5-coder-(0\.5|1\.5)b)/.test(name)
    expect(loadConfig(name).dialect).toBe(isCode ? 'code' : small)
  })

  test('no preset asks the embedded model for more inputs than it was taught to write', () => {
    const micro = presetNames()
      .map(name => loadConfig(name))
      .filter(one => one.dialect === 'micro')
    expect(Math.max(...micro.map(({ propose }) => propose.inputs))).toBe(8)
  })

  test("the defaults are the paper's", () => {
    const { propose, estimate, solve, trainer, reward } = configSchema.parse({})
    expect([propose.batch, propose.references, propose.inputs]).toEqual([64, 6, 10])
    expect([estimate.samples, solve.samples, solve.temperature]).toEqual([8, 1, 1])
    expect([trainer.learningRate, trainer.minibatches]).toEqual([1e-6, 1])
    expect([reward.correct, reward.wrong, reward.malformed]).toEqual([1, -0.5, -1])
  })
})

describe('flags over a preset', () => {
  test('are read as YAML', () => {
    const overrides = [set('kinds', '[deduction]'), set('estimate.reuse', 'false')]
    const config = loadConfig('micro', overrides)
    expect(config.kinds).toEqual(['deduction'])
    expect(config.estimate.reuse).toBe(false)
  })

  test('with an unknown knob are refused with the nearest name', () => {
    expect(() => loadConfig('micro', [set('trainer.learnRate', '1')])).toThrow(
      /no knob trainer\.learnRate, did you mean trainer\.learningRate\?/,
    )
    expect(() => loadConfig('micro', [set('estimate.samples', '0')])).toThrow(/estimate\.samples/)
    expect(() => loadConfig('micro', [set('steps', '[')])).toThrow(/not valid YAML/)
  })

  test("a user's file, and mistakes in it", () => {
    const folder = temporary('config')
    const write = (text: string) => {
      const path = join(folder, 'mine.yaml')
      writeFileSync(path, text)
      return path
    }
    expect(loadConfig(write('steps: 7')).steps).toBe(7)
    expect(loadConfig(write('')).steps).toBe(500)
    expect(() => loadConfig(write('- 1'))).toThrow(/has to be a mapping of knobs/)
    expect(() => loadConfig(write('a: b: c'))).toThrow(/mine\.yaml:1:\d/)
    expect(() => loadConfig(write('__proto__: {a: 1}'))).toThrow(/no knob/)
  })
})

describe("a user's file in a knob", () => {
  const customOf = ({ reward }: { reward: { custom: string | null } }) => reward.custom

  test('is relative to the folder of its YAML file, or to the current folder; stored as absolute', () => {
    const folder = temporary('config')
    const yaml = join(folder, 'mine.yaml')
    writeFileSync(yaml, 'reward: { custom: ../reward.ts }')
    expect(customOf(loadConfig(yaml))).toBe(join(folder, '..', 'reward.ts'))
    const typed = join(process.cwd(), 'my', 'reward.ts')
    const flag = set('reward.custom', './my/reward.ts')
    expect(customOf(loadConfig(yaml, [flag]))).toBe(typed)
    expect(customOf(alteredConfig(loadConfig('smoke'), [flag]))).toBe(typed)
    expect(customOf(parseConfig(loadConfig(yaml, [flag]), 'as stored'))).toBe(typed)
  })

  test('is distinguished from a name by its form', () => {
    expect(() => loadConfig('smoke', [set('reward.custom', 'reward.ts')])).toThrow(
      /reward\.custom: is a path: \.\/my\/reward\.ts/,
    )
  })

  test('may not change when the run is resumed', () => {
    const flag = set('reward.custom', './reward.ts')
    expect(() => resumeConfig(loadConfig('smoke'), [flag])).toThrow(/another reward\.custom/)
  })
})

describe('values that contradict each other', () => {
  test.each([
    [{ kinds: ['deduction', 'deduction'] }, /named twice/],
    [{ kinds: [] }, /kinds/],
    [{ propose: { inputs: 1 } }, /inputs/],
    [{ estimate: { reuse: true }, solve: { on: 'previous' } }, /estimate\.reuse: needs solve\.on/],
    [{ solve: { temperature: 0.7 } }, /propose\.temperature: has to equal solve\.temperature/],
    [{ advantage: { method: 'grpo' } }, /advantage\.method: compares answers.*solve\.samples=8/],
    [{ solve: { topP: 0.6 } }, /solve\.topP: has to be 1/],
    [{ propose: { topP: 0.6 } }, /propose\.topP: has to be 1.*without propose\.train/],
  ])('%j', (tree, message) => {
    expect(() => parseConfig(tree, 'this')).toThrow(message)
  })
})

test('proposals may use top-p if they are not trained on', () => {
  const { propose } = parseConfig({ propose: { topP: 0.6, train: false } }, 'this')
  expect(propose.topP).toBe(0.6)
})

describe('resume', () => {
  const stored = loadConfig('smoke')
  test('accepts operational knobs and more steps', () => {
    const config = resumeConfig(stored, [set('engine.concurrency', '5'), set('steps', '9')])
    expect([config.engine.concurrency, config.steps]).toEqual([5, 9])
  })

  test.each([
    ['seed', '2', /new run/],
    ['steps', '1', /it can only grow/],
    ['engine.maxLength', '128', /it can only grow/],
    ['engine.concurency', '5', /did you mean engine\.concurrency/],
  ])('refuses %s=%s', (path, value, message) => {
    expect(() => resumeConfig(stored, [set(path, value)])).toThrow(message)
  })

  test('every knob that changes no result is marked operational', () => {
    const marked = knobs().filter(({ path }) => {
      try {
        resumeConfig(stored, [set(path, '7')])
        return true
      } catch (error) {
        return !/new run/.test((error as Error).message)
      }
    })
    expect(marked.map(({ path }) => path)).toContain('sandbox.workers')
    expect(marked.map(({ path }) => path)).not.toContain('trainer.threads')
  })
})

describe('command lines', () => {
  test('a flag has two forms', async () => {
    const words = ['micro', '--run=a', '--seed', '4', '--solve.batch=8', '--no-serve']
    const { positions, flags, overrides } = await parseArgs(train, words)
    expect(positions).toEqual(['micro'])
    expect(flags.get('run')).toBe('a')
    expect(flags.has('no-serve')).toBe(true)
    expect(overrides).toEqual([set('seed', '4'), set('solve.batch', '8')])
  })

  test.each([
    [['--run'], /without a value/],
    [['--no-serve=1'], /switch/],
    [['a', 'b'], /Cannot read b/],
    [['--constructor'], /Cannot read --constructor/],
  ])('%j is refused', async (words, message) => {
    await expect(parseArgs(train, words)).rejects.toThrow(message)
  })
})

test("a model's text cannot drive the terminal", () => {
  const esc = String.fromCharCode(27)
  expect(plain(`${esc}[2Jgone\u202e`)).not.toContain(esc)
  expect(plain('def f(a): return a')).toBe('def f(a): return a')
})
