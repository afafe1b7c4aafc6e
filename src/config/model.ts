/** Finds a model on this machine, and says in one line why one cannot be used. */
import { createHash } from 'node:crypto'
import { createReadStream, existsSync, readdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { UsageError } from '../../domain/errors.ts'
import { type Shape, shapeOf } from '../../domain/shape.ts'
import type { Config } from './config.ts'
import { importedModels, locate } from './paths.ts'

/** What our own code computes; anything else goes through transformers. */
const families = ['qwen2', 'llama']
export const importable = 'smollm2-135m-instruct'

/** The newest snapshot of a model in the user's hub cache, which other tools have filled. */
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

/** What its config.json says; null: nothing that we know the names of. */
export function shapeIn(folder: string): Shape | null {
  return shapeOf(JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')))
}

/** A local folder, else one that `azr model import` made, else a name in the hub cache. */
export function findModel(path: string): string {
  const folders = [locate(path), join(importedModels, path)]
  const found = folders.find(folder => existsSync(join(folder, 'config.json'))) ?? inHubCache(path)
  if (found) return found
  const cure =
    path === importable
      ? `fetch it with \`azr model import ${importable}\``
      : 'give a Hugging Face folder, or a name in the hub cache, with --model.path=DIR'
  throw new UsageError(`Cannot find model ${path}: ${folders[0]} has no config.json; ${cure}`)
}

export function checkModel(config: Config, folder: string, isPlain: boolean): void {
  const refuse = (why: string) => {
    throw new UsageError(`Cannot use model ${config.model.path}: ${why}`)
  }
  let parsed: { model_type?: string; max_position_embeddings?: number } = {}
  try {
    parsed = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'))
  } catch {
    refuse('its config.json is no JSON')
  }
  const { model_type, max_position_embeddings: longest } = parsed
  if (model_type === undefined) refuse('its config.json names no model_type')
  if (isPlain && !families.includes(model_type as string)) {
    refuse(
      `its architecture is ${model_type}, and our own code knows ${families.join(', ')}: ` +
        '--trainer.backend=transformers --engine.kind=vllm',
    )
  }
  if (!existsSync(join(folder, 'tokenizer.json'))) refuse('it has no tokenizer.json')
  if (!readdirSync(folder).some(name => name.endsWith('.safetensors'))) {
    refuse('it has no .safetensors file')
  }
  if (longest !== undefined && config.engine.maxLength > longest) {
    refuse(`it reads ${longest} tokens at most: --engine.maxLength=${longest}`)
  }
  if (config.engine.kind === 'embedded' && !families.includes(model_type as string)) {
    const known = families.join(' and ')
    refuse(`the embedded engine runs ${known}, and not ${model_type}: --engine.kind=vllm`)
  }
}

/** What makes a model what it is: weights and tokenizer. */
const parts = /\.safetensors$|^(config|generation_config|tokenizer|tokenizer_config)\.json$/

/** Equal for the same model wherever it lies. Reads all of it: a second for each gigabyte or two. */
export async function modelHash(folder: string): Promise<string> {
  const hash = createHash('sha256')
  for (const name of readdirSync(folder).sort()) {
    if (!parts.test(name)) continue
    hash.update(`${name}\n`)
    for await (const chunk of createReadStream(join(folder, name))) hash.update(chunk)
  }
  return hash.digest('hex').slice(0, 32)
}

/** A run goes on from the model that it began with: `began` is the hash of that one. */
export async function checkSameModel(name: string, folder: string, began?: string): Promise<void> {
  if ((await modelHash(folder)) === began) return
  throw new UsageError(
    `Cannot go on from run ${name} as the model in ${folder} is not the one that it began with: ` +
      'put that one back, or name its folder with --model.path=DIR',
  )
}
