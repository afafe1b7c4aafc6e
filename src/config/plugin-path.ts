/** Paths of plug-ins in a config, which tells them from built-in names by their form. */
import { relative, resolve } from 'node:path'

/** Whether it is the path of a plug-in by its form: `./x.ts`, `../x.js`, `/abs/x.mts`. */
export const isPluginPath = (text: string) => /^(\.{0,2}\/)/.test(text)

/** A knob's value with every plug-in's path absolute; relative ones start at `folder`. */
export function anchored(value: unknown, folder: string): unknown {
  if (Array.isArray(value)) return value.map(one => anchored(one, folder))
  return typeof value === 'string' && isPluginPath(value) ? resolve(folder, value) : value
}

/** As a message shows it: from where the command was typed, if it lies below. */
export function shown(path: string): string {
  const from = relative(process.cwd(), path)
  return from.startsWith('..') ? path : `./${from}`
}
