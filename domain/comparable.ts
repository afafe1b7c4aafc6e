/**
 * Whether two evaluations can be held against each other, and their comparison in its usual order.
 * Pure; not here: the statistics, which are in compare.ts.
 */
import { type Comparison, compareItems, type Judged } from './compare.ts'
import { UsageError } from './errors.ts'
import { inOrder } from './kinds/index.ts'
import { evaluationModes } from './task.ts'

export type Evaluated = {
  run: string
  step: number
  items: Judged[]
  /** Hashes of what was asked, by suite, kind and item. */
  questions: ReadonlyMap<string, string>
  /** What has to be the same for scores to stand beside each other. */
  asked: Record<string, string>
}

type Place = { suite: string; kind: string; item: number }
export const placeOf = ({ suite, kind, item }: Place) => `${suite} ${kind} ${item}`
export const evaluatedName = ({ run, step }: Pick<Evaluated, 'run' | 'step'>) => `${run}@${step}`

/** Of a stored config: what was asked, and by whom it was answered. */
type Asking = {
  dialect?: string
  engine?: { kind: string }
  evaluate?: { template?: string }
}

export function askedOf(config: unknown, versions: Record<string, string>): Record<string, string> {
  const { dialect = 'micro', engine, evaluate } = (config ?? {}) as Asking
  const { templates = '1', engine: made } = versions
  const answered = made ?? engine?.kind ?? 'embedded'
  return {
    dialect,
    template: evaluate?.template ?? 'azr',
    templates: String(templates),
    engine: answered,
  }
}

/** Another template is another question: its score is never put beside this one. */
function checkAsked(before: Evaluated, after: Evaluated): void {
  const differing = ['dialect', 'template', 'templates'].find(
    name => before.asked[name] !== after.asked[name],
  )
  if (!differing) return
  throw new UsageError(
    'evaluations-differ',
    `Cannot compare ${evaluatedName(before)} with ${evaluatedName(after)} as they used a ` +
      `different ${differing} (${before.asked[differing]}, ${after.asked[differing]})`,
  )
}

/** Items go by their number: under two versions of a suite that is not the same item. */
function checkItems(before: Evaluated, after: Evaluated): void {
  const other = before.items.find(item => {
    const [one, two] = [before, after].map(({ questions }) => questions.get(placeOf(item)))
    return one !== undefined && two !== undefined && one !== two
  })
  if (!other) return
  throw new UsageError(
    'evaluations-differ',
    `Cannot compare ${evaluatedName(before)} with ${evaluatedName(after)}: ${placeOf(other)} is ` +
      'not the same question in both, so they were scored on two versions of that suite',
  )
}

/** By suite as they were scored, then by kind and mode in their usual order. */
function ordered(found: readonly Comparison[]): Comparison[] {
  const suites = [...new Set(found.map(({ suite }) => suite))]
  const kinds = inOrder(found.map(({ kind }) => kind))
  const place = ({ suite, kind, mode }: Comparison) => [
    suites.indexOf(suite),
    kinds.indexOf(kind),
    (evaluationModes as readonly string[]).indexOf(mode),
  ]
  const order = (a: Comparison, b: Comparison) => {
    const [one, two] = [place(a), place(b)]
    return one.map((n, i) => n - (two[i] as number)).find(n => n !== 0) ?? 0
  }
  return found.toSorted(order)
}

/** Throws where the two were not asked the same. */
export function compareEvaluated(before: Evaluated, after: Evaluated): Comparison[] {
  checkAsked(before, after)
  checkItems(before, after)
  const found = ordered(compareItems(before.items, after.items))
  if (found.length > 0) return found
  throw new UsageError(
    'evaluations-differ',
    `Cannot compare ${evaluatedName(before)} with ${evaluatedName(after)}: they have no suite in ` +
      'common',
  )
}

const placed = ({ run, step, asked }: Evaluated) => ({ id: run, step, asked })

/** As the API and `--json` give it. */
export const comparisonOf = (before: Evaluated, after: Evaluated, suites: Comparison[]) => {
  return { before: placed(before), after: placed(after), suites }
}
