/** Paths of plug-ins in a config. Their form tells them from built-in names. */
import { relative, resolve } from 'node:path'

/** Whether the text has the form of a plug-in's path: `./x.ts`, `../x.js`, `/abs/x.mts`. */
export const isPluginPath = (text: string) => /^(\.{0,2}\/)/.test(text)

/** A knob's value with absolute paths of plug-ins. Relative ones start at `folder`. */
export function anchored(value: unknown, folder: string): unknown {
  if (Array.isArray(value)) return value.map(one => anchored(one, folder))
  return typeof value === 'string' && isPluginPath(value) ? resolve(folder, value) : value
}

/** The path as a message shows it: relative to the current folder if it is below. */
export function shown(path: string): string {
  const from = relative(process.cwd(), path)
  return from.startsWith('..') ? path : `./${from}`
}
