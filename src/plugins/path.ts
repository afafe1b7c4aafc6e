/** How a config names a file of the user's where it could name something built in. */
import { relative, resolve } from 'node:path'

/** Whether it is the path of a plug-in by its form: `./x.ts`, `../x.js`, `/abs/x.mts`. */
export const isPluginPath = (text: string) => /^(\.{0,2}\/)/.test(text)

/** Every plug-in's path in a knob's value as an absolute one, read from `folder`; the rest as it is. */
export function anchored(value: unknown, folder: string): unknown {
  if (Array.isArray(value)) return value.map(one => anchored(one, folder))
  return typeof value === 'string' && isPluginPath(value) ? resolve(folder, value) : value
}

/** As a message shows it: from where the command was typed, if it lies below. */
export function shown(path: string): string {
  const from = relative(process.cwd(), path)
  return from.startsWith('..') ? path : `./${from}`
}
