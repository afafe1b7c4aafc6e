/** Paths of the project itself, which do not depend on the current folder. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, isAbsolute, join, resolve } from 'node:path'

export const root = dirname(dirname(import.meta.dirname))
export const venv = join(root, '.venv')
export const python = join(venv, 'bin', 'python')
/** The environment that serves real language models. `azr setup engine` makes it. */
export const engineFolder = join(root, '.venv-engine')
export const enginePython = join(engineFolder, 'bin', 'python')
export const importedModels = join(root, 'models')
export const trainerFolder = join(root, 'trainer')
export const presetFolder = join(root, 'configs')
/** Packages of the sandbox's profiles. */
export const profileFolder = join(root, '.azr', 'profiles')
/** Outputs of the benchmarks' canonical solutions, for later gradings. */
export const referenceFolder = join(root, '.azr', 'references')

export const version: string = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version

/** Resolves a user's path from the current folder, or else from the project's folder. */
export function locate(path: string): string {
  if (isAbsolute(path)) return path
  const here = resolve(path)
  return existsSync(here) ? here : join(root, path)
}
