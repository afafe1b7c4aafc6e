/** What `checkpoint.best` names: by which figure one checkpoint is better than another. Pure. */

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
  const { suites = [], between = { suites: [] } } = config.evaluate ?? {}
  const name = nameOf(config)
  if (name === 'suites') {
    return {
      from: 'suites',
      suites: between.suites.length > 0 ? between.suites : suites,
      kind: null,
    }
  }
  const [suite = '', kind = null] = name.split(':')
  if ([...suites, ...between.suites].includes(suite))
    return { from: 'suites', suites: [suite], kind }
  const isLower = name.startsWith('-')
  return { from: 'curve', name: isLower ? name.slice(1) : name, isLower }
}
