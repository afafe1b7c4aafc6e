/** The settings of an evaluation: those of the model's run, or those of its preset. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { parseArgs } from '../../src/cli/args.ts'
import { configOf, spec } from '../../src/cli/eval.ts'
import { findModel } from '../../src/cli/eval-model.ts'
import { loadConfig } from '../../src/config/load.ts'
import { root } from '../../src/config/paths.ts'
import { checkWorld } from '../../src/run/check.ts'
import { openRun } from '../../state/open.ts'
import { temporary } from '../temporary.ts'

const home = temporary('eval')
const micro = join(root, 'models', 'micro')

async function configFor(model: string, ...flags: string[]) {
  const words = ['--suite', 'micro-easy', '--model', model, '--home', home, ...flags]
  return configOf(await parseArgs(spec, words), findModel(home, model), model)
}

/** A model's folder with another config.json. Nothing starts. */
function folderWith(name: string, config: object, tokenizer?: object): string {
  const folder = join(home, 'models', name)
  mkdirSync(folder, { recursive: true })
  cpSync(join(micro, 'model.safetensors'), join(folder, 'model.safetensors'))
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config))
  writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(tokenizer ?? { added_tokens: [] }))
  return folder
}

describe('a run', () => {
  test('is evaluated like it was made: engine, device, lengths, model settings', async () => {
    const path = JSON.stringify(micro)
    const config = loadConfig('smollm2-135m', [{ path: 'model.path', value: path }])
    const row = { name: 'mine', preset: 'x', seed: 1, config, versions: {}, created_at_ms: 0 }
    await (await openRun(home, 'mine', row)).release()
    const found = await configFor('mine@0')
    expect(found).toMatchObject({
      engine: config.engine,
      sandbox: config.sandbox,
      trainer: config.trainer,
      reading: config.reading,
      dialect: config.dialect,
      steps: 0,
      model: { path: micro },
      evaluate: { suites: ['micro-easy'], maxTokens: null, template: 'azr' },
    })
    const other = await configFor('mine@0', '--template', 'plain', '--engine.maxLength=999')
    expect(other.evaluate.template).toBe('plain')
    expect(other.engine.maxLength).toBe(999)
  })
})

test('a step that cannot be read is refused, and not taken for the base model', () => {
  for (const model of ['mine@', 'mine@x', 'mine@0@1']) {
    expect(() => findModel(home, model)).toThrow(/a run is named RUN, RUN@STEP or RUN@best/)
  }
  expect(() => findModel(home, 'mine')).toThrow(/Cannot find a checkpoint of run mine: .* steps 0$/)
})

describe('a folder', () => {
  test('of the embedded model is served like its preset', async () => {
    const found = await configFor(micro)
    expect(found).toMatchObject({ dialect: 'micro', engine: loadConfig('micro').engine })
    expect(found.evaluate.maxTokens).toBe(loadConfig('micro').evaluate.maxTokens)
  })

  test('with the shape or the name of a preset is served like that preset', async () => {
    const shape = {
      model_type: 'qwen2',
      num_hidden_layers: 36,
      hidden_size: 2048,
      intermediate_size: 11008,
      num_attention_heads: 16,
      num_key_value_heads: 2,
      vocab_size: 151936,
      tie_word_embeddings: true,
    }
    const found = await configFor(folderWith('mine-3b', shape))
    expect(found.engine).toEqual(loadConfig('qwen2.5-3b').engine)
    const other = { ...shape, num_hidden_layers: 3 }
    const named = await configFor(folderWith('Qwen3-4B', other))
    expect(named.engine).toEqual(loadConfig('qwen3-4b').engine)
    const stranger = folderWith('stranger', other)
    await expect(configFor(stranger)).rejects.toThrow(/Cannot find a preset for .*--preset/)
    const told = await configFor(stranger, '--preset', 'qwen2.5-7b')
    expect(told.engine).toEqual(loadConfig('qwen2.5-7b').engine)
  })

  test('of a base model gets the bare question if a chat is requested', async () => {
    const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    expect((await configFor(micro, '--template', 'chat')).evaluate.template).toBe('plain')
    expect(said.mock.calls.join()).toContain('has no chat template')
    said.mockRestore()
  })

  test('is refused if its thoughts could not be read, or if it lacks the requested chat template', async () => {
    const { model_type, ...config } = JSON.parse(readFileSync(join(micro, 'config.json'), 'utf8'))
    const added_tokens = [{ content: '</think>', special: true }]
    const hides = folderWith('hides', { model_type, ...config }, { added_tokens })
    const flags = ['--preset', 'smoke', '--dialect=r1', '--evaluate.suites=[]']
    const ask = async (...more: string[]) =>
      checkWorld(await configFor(hides, ...flags, ...more), home)
    await expect(ask()).rejects.toThrow(
      /makes <\/think> a special token: .*--reading.think=thought/,
    )
    await ask('--reading.think=thought')
    const chat = ask('--reading.think=thought', '--evaluate.template=chat')
    await expect(chat).rejects.toThrow(
      /Cannot ask .* with its chat template as it has none: use --template plain/,
    )
  })
})
