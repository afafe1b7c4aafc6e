/** What is measured of a run: the scores of its suites, and its course. Not here: from where. */
import { deviationOf, meanOf } from '../../domain/statistics.ts'
import type { EvaluationMode, Kind } from '../../domain/task.ts'
import type { Row } from '../../state/types.ts'

type Evaluation = Row<'evaluations'>

/**
 * One suite, kind and mode at one moment, with each item's share of right answers. `scratched` counts
 * the answers that show their working; null where that is not known of these items.
 */
export type Cell = Omit<Evaluation, 'step' | 'scratched'> & {
  shares: number[]
  scratched: number | null
}

/** The same of the first so many items only; null: of all. */
export function cut(cell: Cell, items: number | null): Cell {
  if (items === null || cell.shares.length <= items) return cell
  const shares = cell.shares.slice(0, items)
  const accuracy = meanOf(shares)
  return {
    ...cell,
    items,
    shares,
    accuracy,
    scratched: null,
    correct: Math.round(accuracy * items * cell.samples),
    passed: shares.filter(share => share > 0).length,
    deviation: deviationOf(shares),
  }
}

export type Measured = {
  arm: string
  seed: number
  steps: number
  /** Runs that shared the machine: 1 where times count. */
  jobs: number
  /** From command to exit, all sessions; those spent on held-out suites. */
  seconds: number
  evaluateSeconds: number
  /** Answers and proposals trained on, all steps together. */
  trained: number
  start: Cell[]
  end: Cell[]
  curve: Point[]
  course: Course[]
}

/** Held-out accuracy along the way, a fraction. */
export type Point = Pick<Evaluation, 'step' | 'suite' | 'kind' | 'mode' | 'items' | 'accuracy'>

/** What self-play came to in one step and kind; shares are null where there was nothing to share. */
export type Course = {
  step: number
  kind: Kind
  proposals: number
  accepted: number | null
  /** Of the accepted: solved sometimes, not always. */
  learnable: number | null
  /** Accepted: a task that was there before counts as a duplicate. */
  added: number
  /** Lines of their programs, on average. */
  lines: number | null
  correct: number | null
}

export const cellIn = (cells: Cell[], suite: string, kind: Kind, mode: EvaluationMode) =>
  cells.find(cell => cell.suite === suite && cell.kind === kind && cell.mode === mode)
