/** Decides by which figure `checkpoint.best` compares checkpoints. Pure. */
import { suiteName } from './suite-name.ts'

export type Measure =
  /** Mean accuracy of greedy answers on these suites, for one kind or all. */
  | { from: 'suites'; suites: string[]; kind: string | null }
  | { from: 'curve'; name: string; isLower: boolean }

export type Best = { step: number; value: number; measure: string }

/** The knobs that are needed, and no others, because a stored config may lack newer ones. */
export type Named = {
  checkpoint?: { best?: string }
  evaluate?: { suites?: string[]; between?: { suites: string[] } }
}

export const nameOf = ({ checkpoint }: Named) => checkpoint?.best ?? 'suites'

/**
 * `suites` means the suites that are scored most often. SUITE or SUITE:KIND names one. Anything
 * else is a curve; `-` in front means that lower is better.
 */
export function measureOf(config: Named): Measure {
  const { evaluate } = config
  const suites = (evaluate?.suites ?? []).map(suiteName)
  const often = (evaluate?.between?.suites ?? []).map(suiteName)
  const name = nameOf(config)
  if (name === 'suites') {
    return { from: 'suites', suites: often.length > 0 ? often : suites, kind: null }
  }
  const [suite = '', kind = null] = name.split(':')
  if ([...suites, ...often].includes(suite)) return { from: 'suites', suites: [suite], kind }
  const isLower = name.startsWith('-')
  return { from: 'curve', name: isLower ? name.slice(1) : name, isLower }
}
