/**
 * Scores a replayed step again under other rules: the same texts and executions, but new verdicts,
 * rewards and advantages. Nothing is sampled or run, so it cannot know what other rules would have
 * drawn.
 */
import type { SolveOrder } from '../../../actors/messages.ts'
import type { Advantage } from '../../../domain/advantage/index.ts'
import { formatKey, parseKey } from '../../../domain/key.ts'
import type { GradeRow, MemoTable, Reading, Store, Write } from '../../../state/types.ts'
import type { Config } from '../../config/config.ts'
import type { Plugins } from '../../plugins/open.ts'
import { type GradePorts, gradeAnswers } from './answer.ts'
import { fitOrder } from './fit-order.ts'
import { batchOf, gradeProposals } from './grade.ts'
import type { Planned } from './plan.ts'
import { type Candidate, type CheckPorts, checkProposal, contextOf } from './propose.ts'
import { judgeProposals } from './settle.ts'

/** A scored step, or round of the seeding. `reused` is the same as in Settled. */
export type Made = { planned: Planned; reused: string[]; batch: Advantage[] }

/** Earlier proposals are recalled as recorded. */
type Rows = Pick<Store, 'cached' | 'rowsOf' | 'memo'> & Reading<'recallable'>

export type RescorePorts = CheckPorts & GradePorts & { store: Rows }

export type Rescored = {
  step: number
  /** Grades as recorded and as computed now, by id. */
  grades: [before: GradeRow, after: GradeRow][]
  batch: [before: Advantage[], after: Advantage[]]
}

/** A store with new grades over the replay's other rows. It writes nothing. */
function createOverlay(base: Rows): Rows {
  const grades = new Map<string, GradeRow>()
  const cached = (table: MemoTable, id: string) => {
    if (table === 'tasks') return undefined
    return table === 'grades' ? grades.get(id) : base.cached(table, id)
  }
  return {
    read: base.read,
    cached: cached as Store['cached'],
    rowsOf: ((table: MemoTable) =>
      table === 'grades'
        ? [...grades.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
        : base.rowsOf(table)) as Store['rowsOf'],
    memo: (async (
      table: MemoTable,
      id: string,
      _: string,
      effect: () => Promise<{ row: GradeRow; also?: Write[] }>,
    ) => {
      if (table !== 'grades') return base.cached(table, id)
      const { row, also = [] } = await effect()
      grades.set(id, row)
      for (const one of also) {
        if (one.table === 'grades') grades.set(one.row.id, one.row as GradeRow)
      }
      return row
    }) as Store['memo'],
  }
}

/** The orders whose answers were graded. */
function ordersOf(store: Rows, answers: readonly GradeRow[]): SolveOrder[] {
  const groups = Map.groupBy(answers, ({ id }) => formatKey({ ...parseKey(id), sample: 0 }))
  return [...groups].flatMap(([id, rows]): SolveOrder[] => {
    const { purpose, kind, index } = parseKey(id)
    const task = purpose === 'estimate' ? String(index) : store.cached('rollouts', id)?.task_hash
    return task ? [{ id, attempt: 0, kind, task, samples: rows.length }] : []
  })
}

/** Scores proposals and answers again, under another config and its plug-ins. */
export async function rescoreStep(
  ports: RescorePorts,
  { planned, reused, batch }: Made,
  under: { config: Config; plugins: Plugins },
): Promise<Rescored> {
  const { store } = ports
  const { config } = under
  const { step, stock, tasks, proposals } = planned
  const overlay = createOverlay(store)
  const other = { ...ports, ...under, store: overlay }
  const { signal } = new AbortController()
  const own = new Set(proposals.map(({ id }) => id))
  const before = store.rowsOf('grades').filter(({ id, role }) => role === 'solver' || own.has(id))
  const candidates: Candidate[] = []
  for (const drawn of proposals) {
    const { order } = await fitOrder(ports, planned, drawn, signal)
    const context = contextOf(config, tasks, order)
    candidates.push(await checkProposal(other, { order, context }, signal))
  }
  const answers = before.filter(({ role }) => role === 'solver')
  for (const order of ordersOf(store, answers)) {
    await gradeAnswers(other, { order, task: tasks.of(order.task) }, signal)
  }
  const byKind = Map.groupBy(candidates, ({ order }) => order.kind)
  const settlements = ports.kinds.names.flatMap(kind => {
    return judgeProposals(config, stock.known, byKind.get(kind) ?? [])
  })
  await gradeProposals(other, planned, settlements)
  return {
    step,
    grades: before.map(row => [row, overlay.cached('grades', row.id) ?? row]),
    batch: [batch, step === 0 ? [] : await batchOf(other, { step, reused, tasks })],
  }
}
