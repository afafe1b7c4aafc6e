/**
 * Loads a plug-in: a user's file whose default export is a kind, a reward or a benchmark. It runs
 * in our process with all our rights. Nothing here confines it.
 */
import { existsSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ConfigError } from '../../domain/errors.ts'
import { shown } from '../config/plugin-path.ts'
import { complaintOf, placeOf } from './blame.ts'
import type { Plugin } from './plugin.ts'
import { sourcesOf } from './sources.ts'

/** Lets a plug-in import `azr/kind` and the like from this azr, wherever its file is. */
registerHooks({
  resolve: (name, context, next) =>
    next(name, name.startsWith('azr/') ? { ...context, parentURL: import.meta.url } : context),
})

/**
 * `check` returns the default export with its type, or throws an error whose text completes the
 * message: `its default export has no function reward`.
 */
export async function loadPlugin<T>(
  path: string,
  what: Plugin<T>['what'],
  check: (value: unknown) => T,
): Promise<Plugin<T>> {
  const entry = resolve(path)
  const refuse = (where: string, why: unknown, cause?: unknown): never => {
    const help = `docs/how-to/add-a-${what}.md`
    throw new ConfigError('plugin-unusable', `Cannot use ${what} ${where}: ${why}; ${help}`, {
      cause,
    })
  }
  if (!existsSync(entry)) return refuse(shown(entry), 'there is no such file')
  if (!/\.m?[jt]s$/.test(entry))
    return refuse(shown(entry), 'it is not a .ts, .mts, .js or .mjs file')
  const sources = sourcesOf(entry)
  const source = { path: entry, ...sources }
  const module = await import(pathToFileURL(entry).href).catch(error =>
    refuse(placeOf(error, source), complaintOf(error), error),
  )
  const value: unknown = module.default
  const { name } = Object(value)
  if (typeof name !== 'string' || name === '') {
    return refuse(shown(entry), 'its default export has no name')
  }
  try {
    return { what, name, ...source, value: check(value) }
  } catch (error) {
    return refuse(shown(entry), (error as Error).message, error)
  }
}
