/** Makes the command line that would begin a run like an existing one. */
import type { Config } from './config.ts'
import { differingKnobs } from './differ.ts'
import { loadConfig, presetNames } from './load.ts'

/** Quotes a word for a shell if that is necessary. */
export const quoted = (word: string) =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`

export const flagOf = (path: string, value: unknown) => {
  const text =
    typeof value === 'string' && /^[a-z][\w./-]*$/i.test(value) ? value : JSON.stringify(value)
  return quoted(`--${path}=${text}`)
}

type Lineage = { forked?: { run: string; step: number; settings: Record<string, string> } } | null

/** The command line; null if no single command began the run, as for an evaluation. */
export function commandOf(run: {
  preset: string
  config: unknown
  lineage: unknown
}): string | null {
  const { preset, config } = run
  const { forked } = (run.lineage as Lineage) ?? {}
  if (forked) {
    const set = Object.entries(forked.settings).map(([path, value]) => quoted(`--${path}=${value}`))
    return ['azr fork', forked.run, '--at', forked.step, ...set].join(' ')
  }
  if (!presetNames().includes(preset)) return null
  const base: Config = loadConfig(preset)
  const flags = differingKnobs([base, config]).flatMap(({ path, values: [, value] }) =>
    value === undefined ? [] : [flagOf(path, value)],
  )
  return ['azr train', preset, ...flags].join(' ')
}
