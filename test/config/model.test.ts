/** Models and engines that cannot be used: one line each, before anything starts. */
import { spawnSync } from 'node:child_process'
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { configSchema } from '../../src/config/config.ts'
import { findModel, modelRefusals } from '../../src/config/model.ts'
import { locate, root } from '../../src/config/paths.ts'
import { checkEngine } from '../../src/engine/start.ts'
import { suitableOf } from '../../src/run/suitable.ts'
import { program } from '../scripts/program.ts'
import { temporary } from '../temporary.ts'

const folder = temporary('model')
const sizes = { maxTokens: 128 }
const config = configSchema.parse({ engine: { maxLength: 256 }, propose: sizes, solve: sizes })
let count = 0

/** A copy of the embedded model, changed by `spoil`. */
function copy(spoil: (place: string) => void): string {
  const place = join(folder, String(count++))
  cpSync(locate('models/micro'), place, { recursive: true })
  spoil(place)
  return place
}
const settings = (place: string, change: object) => {
  const file = join(place, 'config.json')
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), ...change }))
}

describe('because it %s', () => {
  test.each([
    ['has no tokenizer', (p: string) => rmSync(join(p, 'tokenizer.json')), /no tokenizer\.json/],
    ['has no weights', (p: string) => rmSync(join(p, 'model.safetensors')), /no \.safetensors/],
    ['is of a family we do not know', (p: string) => settings(p, { model_type: 'mamba' }), /mamba/],
    ['names no family', (p: string) => settings(p, { model_type: undefined }), /no model_type/],
    ['is too short', (p: string) => settings(p, { max_position_embeddings: 128 }), /128 tokens/],
    [
      'has an adapter',
      (p: string) => writeFileSync(join(p, 'adapter_config.json'), '{}'),
      /adapter_config\.json.*merge it/,
    ],
    [
      'has a window',
      (p: string) => settings(p, { use_sliding_window: true }),
      /window.*transformers/,
    ],
    [
      'scales its positions',
      (p: string) => settings(p, { rope_scaling: { rope_type: 'yarn' } }),
      /scaled.*transformers/,
    ],
    [
      'has a torn config',
      (p: string) => writeFileSync(join(p, 'config.json'), '{"model_type'),
      /not JSON/,
    ],
  ])('as it %s', (_, spoil, message) => {
    expect(modelRefusals(config, copy(spoil), true).join('\n')).toMatch(message)
  })

  test('because it is missing: the error says where models come from', () => {
    expect(() => findModel('nobody/nothing')).toThrow(/--model\.path=DIR/)
  })
})

describe('lengths that contradict each other', () => {
  const place = locate('models/micro')
  test('an answer that leaves no room for its prompt', () => {
    const changed = { ...config, solve: { ...config.solve, maxTokens: 2000 } }
    expect(modelRefusals(changed, place, true)).toEqual([
      'solve.maxTokens 2000 leaves no room for a prompt in engine.maxLength 256: --solve.maxTokens=128',
    ])
  })

  test('an answer that is never requested', () => {
    const changed = { ...config, solve: { ...config.solve, maxTokens: 2000, batch: 0 } }
    expect(modelRefusals(changed, place, true)).toEqual([])
  })

  test('a prompt that is longer than the context, before anything starts', () => {
    const engine = { ...config.engine, maxLength: 64 }
    const small = { ...config, engine, propose: { ...config.propose, maxTokens: 32 } }
    const prompts = { "the solver's prompt for deduction": { text: '1'.repeat(100), answer: 32 } }
    const { refusals } = suitableOf(
      { ...small, solve: { ...config.solve, maxTokens: 32 } },
      place,
      prompts,
    )
    expect(refusals).toEqual([
      expect.stringMatching(/100 tokens.*maxLength is 64: --engine\.maxLength=264/),
    ])
    expect(suitableOf(config, place, prompts).refusals).toEqual([])
  })
})

describe('an engine that cannot be used', () => {
  test('endpoints without URLs', () => {
    const { engine, ...rest } = config
    const changed = { ...rest, engine: { ...engine, kind: 'endpoints' as const } }
    expect(() => checkEngine(changed, folder)).toThrow(/--engine\.urls=/)
  })
})

describe('azr setup --dry-run', () => {
  const script = join(root, 'scripts', 'setup.ts')
  const said = (...args: string[]) => {
    const command = [script, ...args, '--dry-run', '--force']
    const { status, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' })
    expect(status).toBe(0)
    return stderr
  }

  test.each(['cpu', 'cuda'])(
    'shows what the engine for %s would be, and does not change .venv',
    on => {
      expect(said('engine', '--device', on)).toMatch(
        /\.venv-engine: .*vllm.*\.venv is not changed/s,
      )
    },
  )

  test.each(['cpu', 'cuda'])('shows what the learner for %s would be', on => {
    const text = said('trainer', '--device', on)
    expect(text).toMatch(new RegExp(`^azr: \\.venv: torch.* for ${on}`, 'm'))
    expect(text).not.toContain('.venv-engine')
  })

  test('accepts a card that only nvidia-smi reports, as in WSL', () => {
    const programs = temporary('smi')
    program(join(programs, 'nvidia-smi'), 'echo "GPU 0: NVIDIA GeForce RTX 4090 (UUID: GPU-1)"')
    vi.stubEnv('PATH', `${programs}:${process.env.PATH}`)
    expect(said('trainer')).toMatch(/torch.* for cuda/)
    vi.unstubAllEnvs()
  })

  test.each(['cpu', 'cuda'])('the Dockerfile for %s sets up learner and engine for it', on => {
    const text = readFileSync(join(root, 'docker', `${on}.Dockerfile`), 'utf8')
    expect(text).toContain(`azr setup trainer --device ${on}`)
    expect(text).toContain(`azr setup engine --device ${on}`)
  })
})
