/** Errors of a plug-in's code, with the file and line that they come from. */
import { spawnSync } from 'node:child_process'
import { pathToFileURL } from 'node:url'
import { AzrError, PluginFailed } from '../../domain/errors.ts'
import { shown } from '../config/plugin-path.ts'
import type { Plugin } from './plugin.ts'

type Source = Pick<Plugin<unknown>, 'path' | 'files'>

/** The first of the plug-in's files and lines that a stack names. */
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
 * `./my/reward.ts:12`, or the file alone. Node tells where a file does not parse only when nobody
 * catches the error. So another Node loads it, which stops at the same place before anything runs.
 */
export function placeOf(error: unknown, { path, files }: Source): string {
  const found = error instanceof Error && lineIn(error.stack ?? '', files)
  if (found) return found
  if (!(error instanceof SyntaxError)) return shown(path)
  const { stderr } = spawnSync(process.execPath, [path], { encoding: 'utf8', timeout: 10_000 })
  return lineIn(stderr, files) ?? shown(path)
}

/** `TypeError: x is not a function`: the first line alone. */
export const complaintOf = (error: unknown) => String(error).split('\n', 1)[0]

/**
 * A function of a plug-in's that names its file and line where it throws, or rejects. The error ends
 * the run; nothing is made up in place of a result.
 */
export function guarded<Given extends unknown[], Made>(
  plugin: Pick<Plugin<unknown>, 'what' | 'path' | 'files'>,
  call: (...given: Given) => Made,
): (...given: Given) => Made {
  const fail = (cause: unknown): never => {
    // What we threw beneath it, a sandbox that is gone, is no mistake of its own.
    if (cause instanceof AzrError) throw cause
    const where = placeOf(cause, plugin)
    const message = `Cannot go on as ${plugin.what} ${where} threw ${complaintOf(cause)}`
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
