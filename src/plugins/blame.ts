/** Finds the file and line of an error in a plug-in's code. */
import { spawnSync } from 'node:child_process'
import { pathToFileURL } from 'node:url'
import { AzrError, PluginFailed } from '../../domain/errors.ts'
import { shown } from '../config/plugin-path.ts'
import type { Plugin } from './plugin.ts'

type Source = Pick<Plugin<unknown>, 'path' | 'files'>

/** The first line of a stack that is in the plug-in's files. */
function lineIn(stack: string, files: readonly string[]): string | undefined {
  for (const line of stack.split('\n')) {
    for (const path of files) {
      const names = [path, pathToFileURL(path).href]
      const after = names.map(name => line.split(`${name}:`)[1]).find(rest => rest !== undefined)
      const number = after?.match(/^\d+/)?.[0]
      if (number) return `${shown(path)}:${number}`
    }
  }
}

/**
 * `./my/reward.ts:12`, or the file alone. Node reports the place of a syntax error only if nothing
 * catches it. So another Node process loads the file, and stops at the same place before anything
 * runs.
 */
export function placeOf(error: unknown, { path, files }: Source): string {
  const found = error instanceof Error && lineIn(error.stack ?? '', files)
  if (found) return found
  if (!(error instanceof SyntaxError)) return shown(path)
  const { stderr } = spawnSync(process.execPath, [path], { encoding: 'utf8', timeout: 10_000 })
  return lineIn(stderr, files) ?? shown(path)
}

/** The first line only: `TypeError: x is not a function`. */
export const complaintOf = (error: unknown) => String(error).split('\n', 1)[0]

/**
 * Wraps a plug-in's function. If it throws or rejects, the error names its file and line and ends
 * the run. No result is made up.
 */
export function guarded<Given extends unknown[], Made>(
  plugin: Pick<Plugin<unknown>, 'what' | 'path' | 'files'>,
  call: (...given: Given) => Made,
): (...given: Given) => Made {
  const fail = (cause: unknown): never => {
    // An error of azr itself, such as a lost sandbox, is not the plug-in's.
    if (cause instanceof AzrError) throw cause
    const where = placeOf(cause, plugin)
    const message = `Cannot continue as ${plugin.what} ${where} threw ${complaintOf(cause)}`
    throw new PluginFailed('plugin-failed', message, { cause })
  }
  return (...given) => {
    try {
      const made = call(...given)
      return made instanceof Promise ? (made.catch(fail) as Made) : made
    } catch (error) {
      return fail(error)
    }
  }
}
