/**
 * The types of a run's measurements: the scores of its suites, and its course. Reading them is in
 * measure.ts.
 */
import { deviationOf, meanOf } from '../../domain/statistics.ts'
import type { EvaluationMode, Kind } from '../../domain/task.ts'
import type { Row } from '../../state/types.ts'

type Evaluation = Row<'evaluations'>

/**
 * One suite, kind and mode at one moment, with each item's share of right answers. `scratched`
 * counts the answers that show their working; null if that is unknown.
 */
export type Cell = Omit<Evaluation, 'step' | 'scratched'> & {
  shares: number[]
  scratched: number | null
}

/** The cell over its first `items` items only; null means all items. */
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
  /** The number of runs that shared the machine: 1 if times count. */
  jobs: number
  /** Seconds from command to exit, over all sessions, and the part spent on held-out suites. */
  seconds: number
  evaluateSeconds: number
  /** Answers and proposals that were trained on, in all steps. */
  trained: number
  start: Cell[]
  end: Cell[]
  curve: Point[]
  course: Course[]
}

/** Held-out accuracy along the way, as a fraction. */
export type Point = Pick<Evaluation, 'step' | 'suite' | 'kind' | 'mode' | 'items' | 'accuracy'>

/**
 * The results of self-play in one step for one kind. Shares are null if there is nothing to divide
 * by.
 */
export type Course = {
  step: number
  kind: Kind
  proposals: number
  accepted: number | null
  /** Share of the accepted tasks that are solved sometimes, not always. */
  learnable: number | null
  /** Accepted tasks. A known task counts as a duplicate. */
  added: number
  /** Lines of their programs, on average. */
  lines: number | null
  correct: number | null
}

export const cellIn = (cells: Cell[], suite: string, kind: Kind, mode: EvaluationMode) =>
  cells.find(cell => cell.suite === suite && cell.kind === kind && cell.mode === mode)
