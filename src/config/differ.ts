/** Finds the knobs in which stored configs differ. */
import { knobs, parseConfig, shownKnobs, valueAt } from './load.ts'

export type DifferingKnob = {
  path: string
  /** The value in each config, in order; undefined if a config lacks the knob. */
  values: unknown[]
  /** Whether the knob only changes how a run is carried out, not its results. */
  isOperational: boolean
}

/**
 * The config with defaults for newer knobs. A config that can no longer be parsed stays unchanged.
 */
function whole(stored: unknown): unknown {
  try {
    return parseConfig(stored, 'the stored config')
  } catch {
    return stored
  }
}

export function differingKnobs(stored: readonly unknown[]): DifferingKnob[] {
  const configs = stored.map(whole)
  const operational = new Set(
    shownKnobs().flatMap(({ path, isOperational }) => (isOperational ? [path] : [])),
  )
  return knobs().flatMap(({ path }) => {
    const values = configs.map(config => valueAt(config, path))
    const texts = new Set(values.map(value => JSON.stringify(value)))
    return texts.size > 1 ? [{ path, values, isOperational: operational.has(path) }] : []
  })
}
