/** What `checkpoint.best` names: by which figure one checkpoint is better than another. Pure. */
import { suiteName } from './suite-name.ts'

export type Measure =
  /** Mean accuracy of greedy answers on these suites, of one kind or of all. */
  | { from: 'suites'; suites: string[]; kind: string | null }
  | { from: 'curve'; name: string; isLower: boolean }

export type Best = { step: number; value: number; measure: string }

/** As far as it is needed: a stored config may be older than some of its knobs. */
export type Named = {
  checkpoint?: { best?: string }
  evaluate?: { suites?: string[]; between?: { suites: string[] } }
}

export const nameOf = ({ checkpoint }: Named) => checkpoint?.best ?? 'suites'

/** `suites`: those that are scored most often; SUITE, SUITE:KIND; all else is a curve, `-` for lower. */
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
