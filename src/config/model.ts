/** Finds a model on this machine, and says in one line why one cannot be used. */
import { createHash } from 'node:crypto'
import { createReadStream, existsSync, readdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { UsageError } from '../../domain/errors.ts'
import { type Shape, shapeOf } from '../../domain/shape.ts'
import type { Config } from './config.ts'
import { importedModels, locate } from './paths.ts'

/** The families that our own code computes. Others use transformers. */
const families = ['qwen2', 'llama']
export const importable = 'smollm2-135m-instruct'

/** The newest snapshot of a model in the user's hub cache, which other tools fill. */
function inHubCache(name: string): string | undefined {
  const { HF_HUB_CACHE, HF_HOME } = process.env
  const home = HF_HOME ?? join(homedir(), '.cache', 'huggingface')
  const folder = join(HF_HUB_CACHE ?? join(home, 'hub'), `models--${name.replaceAll('/', '--')}`)
  const main = join(folder, 'refs', 'main')
  const snapshots = join(folder, 'snapshots')
  const wanted = existsSync(main) ? [readFileSync(main, 'utf8').trim()] : []
  const others = existsSync(snapshots) ? readdirSync(snapshots) : []
  return [...wanted, ...others]
    .map(revision => join(snapshots, revision))
    .find(snapshot => existsSync(join(snapshot, 'config.json')))
}

/** The shape in its config.json; null if its names are unknown. */
export function shapeIn(folder: string): Shape | null {
  return shapeOf(JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')))
}

/** A local folder, or a model that `azr model import` made, or a name in the hub cache. */
export function findModel(path: string): string {
  const folders = [locate(path), join(importedModels, path)]
  const found = folders.find(folder => existsSync(join(folder, 'config.json'))) ?? inHubCache(path)
  if (found) return found
  const cure =
    path === importable
      ? `fetch it with \`azr model import ${importable}\``
      : 'give a Hugging Face folder, or a name in the hub cache, with --model.path=DIR'
  throw new UsageError(
    'model-unknown',
    `Cannot find model ${path}: ${folders[0]} has no config.json; ${cure}`,
  )
}

type Settings = {
  model_type?: string
  max_position_embeddings?: number
  use_sliding_window?: boolean
  mlp_bias?: boolean
  rope_scaling?: { rope_type?: string } | null
  rope_parameters?: { rope_type?: string } | null
}

/** The feature that our own code does not compute; null if there is none. */
function strange(settings: Settings): string | null {
  const { model_type, use_sliding_window, mlp_bias } = settings
  const scaling = settings.rope_parameters ?? settings.rope_scaling
  const other = '--trainer.backend=transformers --engine.kind=vllm'
  if (!families.includes(model_type as string)) {
    return (
      `its architecture is ${model_type}, and our own code supports ${families.join(', ')}: ` +
      `${other}`
    )
  }
  if (use_sliding_window)
    return `its attention has a window, which our own code does not support: ${other}`
  if (mlp_bias) return `its layers have biases, which our own code does not support: ${other}`
  if (scaling && (scaling.rope_type ?? 'default') !== 'default')
    return `its positions are scaled, which our own code does not support: ${other}`
  return null
}

function settingsIn(folder: string): Settings | null {
  try {
    const found = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'))
    return typeof found === 'object' ? found : null
  } catch {
    return null
  }
}

/** The roles that answer, with the longest answer of each. */
function longestAnswers({ seeding, propose, solve, evaluate }: Config): [string, number][] {
  const { suites, between } = evaluate
  const all: [string, number, boolean][] = [
    ['propose.maxTokens', propose.maxTokens, propose.batch > 0 || seeding.size > 0],
    ['solve.maxTokens', solve.maxTokens, solve.batch > 0],
    ['evaluate.maxTokens', evaluate.maxTokens ?? 0, suites.length + between.suites.length > 0],
  ]
  return all.flatMap(([path, most, isUsed]) => (isUsed ? [[path, most]] : []))
}

/** Why the lengths in a config contradict each other. */
function lengthRefusals(config: Config, longest: number | undefined): string[] {
  const { maxLength } = config.engine
  const tooLong =
    longest !== undefined && maxLength > longest
      ? [`it reads ${longest} tokens at most: --engine.maxLength=${longest}`]
      : []
  const noRoom = longestAnswers(config).flatMap(([path, most]) =>
    most < maxLength
      ? []
      : [
          `${path} ${most} leaves no room for a prompt in engine.maxLength ${maxLength}: ` +
            `--${path}=${Math.floor(maxLength / 2)}`,
        ],
  )
  return [...tooLong, ...noRoom]
}

/**
 * Why a model cannot be used, each with a way out, from its folder and its config.json. What
 * transformers and vLLM support is checked in src/run/suitable.ts.
 */
export function modelRefusals(config: Config, folder: string, isPlain: boolean): string[] {
  const settings = settingsIn(folder)
  if (!settings) return ['its config.json is not JSON: fetch it again']
  const { model_type, max_position_embeddings: longest } = settings
  if (model_type === undefined) return ['its config.json has no model_type: fetch it again']
  const names = readdirSync(folder)
  const isTorn = !names.some(name => name.endsWith('.safetensors'))
  const other = isPlain ? strange(settings) : null
  return [
    ...(other === null ? [] : [other]),
    ...(names.includes('tokenizer.json') ? [] : ['it has no tokenizer.json: fetch it again']),
    ...(isTorn ? ['it has no .safetensors file: save it again with transformers'] : []),
    ...(names.includes('adapter_config.json')
      ? [
          'it has an adapter (adapter_config.json), which would be loaded instead: merge it, ' +
            "or move the adapter's files elsewhere",
        ]
      : []),
    ...lengthRefusals(config, longest),
    ...(config.engine.kind === 'embedded' && !families.includes(model_type)
      ? [
          `the embedded engine supports ${families.join(' and ')}, and not ${model_type}: ` +
            '--engine.kind=vllm',
        ]
      : []),
  ]
}

/** The files that identify a model: weights and tokenizer. */
const parts = /\.safetensors$|^(config|generation_config|tokenizer|tokenizer_config)\.json$/

/** Hashes a model's files, whatever their folder. Takes a second for each gigabyte or two. */
export async function modelHash(folder: string): Promise<string> {
  const hash = createHash('sha256')
  for (const name of readdirSync(folder).sort()) {
    if (!parts.test(name)) continue
    hash.update(`${name}\n`)
    for await (const chunk of createReadStream(join(folder, name))) hash.update(chunk)
  }
  return hash.digest('hex').slice(0, 32)
}

/** Checks that a run continues with the model it began with. `began` is that model's hash. */
export async function checkSameModel(name: string, folder: string, began?: string): Promise<void> {
  if ((await modelHash(folder)) === began) return
  throw new UsageError(
    'model-changed',
    `Cannot continue run ${name} as the model in ${folder} is not the one that it began with: ` +
      'restore it, or name the folder that has it with --model.path=DIR',
  )
}
