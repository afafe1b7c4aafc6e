/** The knobs in which stored configs differ from each other. */
import { knobs, parseConfig, shownKnobs, valueAt } from './load.ts'

export type DifferingKnob = {
  path: string
  /** Of each config, in their order; undefined: it has no such knob. */
  values: unknown[]
  /** Whether it changes how a run is carried out, and never what it produces. */
  isOperational: boolean
}

/** With the defaults of knobs that came later; as it is, where it cannot be read any more. */
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
