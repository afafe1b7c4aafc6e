/** Places of the project itself, which do not depend on where a command was typed. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, isAbsolute, join, resolve } from 'node:path'

export const root = dirname(dirname(import.meta.dirname))
export const venv = join(root, '.venv')
export const python = join(venv, 'bin', 'python')
/** What serves real language models; only there after `azr setup engine`. */
export const engineFolder = join(root, '.venv-engine')
export const enginePython = join(engineFolder, 'bin', 'python')
export const importedModels = join(root, 'models')
export const trainerFolder = join(root, 'trainer')
export const presetFolder = join(root, 'configs')
/** What the sandbox's profiles install. */
export const profileFolder = join(root, '.azr', 'profiles')
/** What canonical solutions of benchmarks gave here, for the next time they are graded. */
export const referenceFolder = join(root, '.azr', 'references')

export const version: string = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version

/** A path as the user means it: from where they are, or else from the project's folder. */
export function locate(path: string): string {
  if (isAbsolute(path)) return path
  const here = resolve(path)
  return existsSync(here) ? here : join(root, path)
}
