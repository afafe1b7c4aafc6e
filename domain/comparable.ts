/**
 * Checks whether two evaluations are comparable, and compares them, in the usual order of suites,
 * kinds and modes. Pure. The statistics are in compare.ts.
 */
import { type Comparison, compareItems, type Judged } from './compare.ts'
import { UsageError } from './errors.ts'
import { inOrder } from './kinds/index.ts'
import type { RunAt } from './run-at.ts'
import { evaluationModes } from './task.ts'

export type Evaluated = {
  run: string
  step: number
  items: Judged[]
  /** Hashes of the questions, by suite, kind and item. */
  questions: ReadonlyMap<string, string>
  /** Settings that must be equal, or the scores are not comparable. */
  asked: Record<string, string>
}

/** The step of the evaluation that is meant, of those that have one. None is called best. */
export function evaluatedStep({ run, at }: RunAt, steps: readonly number[]): number {
  const step = at === null ? steps.at(-1) : steps.find(one => one === at)
  if (step !== undefined) return step
  const have = steps.length > 0 ? `its steps are ${steps.join(', ')}` : 'it has none'
  throw new UsageError(
    'evaluation-unknown',
    `Cannot compare ${at === null ? run : `${run}@${at}`} as it has no finished evaluation ` +
      `there; ${have}`,
  )
}

type Place = { suite: string; kind: string; item: number }
export const placeOf = ({ suite, kind, item }: Place) => `${suite} ${kind} ${item}`
export const evaluatedName = ({ run, step }: Pick<Evaluated, 'run' | 'step'>) => `${run}@${step}`

/** The part of a stored config that says what was asked, and which engine answered. */
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

/** Another template asks another question, so scores under two templates are never compared. */
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

/** Items are matched by number. A number means a different item in another version of a suite. */
function checkItems(before: Evaluated, after: Evaluated): void {
  const other = before.items.find(item => {
    const [one, two] = [before, after].map(({ questions }) => questions.get(placeOf(item)))
    return one !== undefined && two !== undefined && one !== two
  })
  if (!other) return
  throw new UsageError(
    'evaluations-differ',
    `Cannot compare ${evaluatedName(before)} with ${evaluatedName(after)} as ` +
      `${placeOf(other)} is a different question in each: they used two versions of that suite`,
  )
}

/** Suites in the order in which they were scored; kinds and modes in their usual order. */
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

/** Throws if the two evaluations did not answer the same questions. */
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

/** The comparison in the form of the API and `--json`. */
export const comparisonOf = (before: Evaluated, after: Evaluated, suites: Comparison[]) => {
  return { before: placed(before), after: placed(after), suites }
}
