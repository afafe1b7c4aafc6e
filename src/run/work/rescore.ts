/**
 * A step of a replay scored a second time, under other rules: the same texts and the same runs, other
 * verdicts on tasks, rewards and advantages. Not here: sampling or running anything, so what another
 * rule would have drawn instead is not known.
 */
import type { ProposeOrder, SolveOrder } from '../../../actors/messages.ts'
import type { Advantage } from '../../../domain/advantage/index.ts'
import { parseKey } from '../../../domain/key.ts'
import type { GradeRow, MemoTable, Store } from '../../../state/types.ts'
import { gradeAnswer } from './answer.ts'
import type { Ports } from './ports.ts'
import { checkProposal } from './propose.ts'
import { batchOf, gradeProposals } from './score.ts'

export type Rescored = {
  step: number
  /** As recorded and as they come out now, by id. */
  grades: [before: GradeRow, after: GradeRow][]
  batch: [before: Advantage[], after: Advantage[]]
}

/** A store whose grades are made anew over the replay's other rows; it writes nothing. */
function createOverlay(base: Store): Store {
  const grades = new Map<string, GradeRow>()
  const cached = (table: MemoTable, id: string) => {
    if (table === 'tasks') return undefined
    return table === 'grades' ? grades.get(id) : base.cached(table, id)
  }
  return {
    ...base,
    cached: cached as Store['cached'],
    rowsOf: ((table: MemoTable) =>
      table === 'grades'
        ? [...grades.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
        : base.rowsOf(table)) as Store['rowsOf'],
    memo: (async (
      table: MemoTable,
      id: string,
      _: string,
      effect: () => Promise<{ row: GradeRow }>,
    ) => {
      if (table !== 'grades') return base.cached(table, id)
      const { row } = await effect()
      grades.set(id, row)
      return row
    }) as Store['memo'],
    write: async () => {},
  }
}

/** The order that an answer was graded for. */
function orderOf(store: Store, { id, kind }: GradeRow): SolveOrder[] {
  const { purpose, index } = parseKey(id)
  const task = purpose === 'estimate' ? String(index) : store.cached('rollouts', id)?.task_hash
  return task ? [{ id, attempt: 0, kind, task }] : []
}

const ids = (orders: readonly ProposeOrder[]) => new Set(orders.map(({ id }) => id))

/** Scores what the step (of a seeding: the round) has proposed and answered once more. */
export async function rescoreStep(
  ports: Ports,
  { config, plugins }: Pick<Ports, 'config' | 'plugins'>,
): Promise<Rescored> {
  const { session, store } = ports
  const overlay = createOverlay(store)
  const other: Ports = {
    ...ports,
    config,
    plugins,
    store: overlay,
    session: { ...session, candidates: new Map(), tasks: new Map(session.tasks), figures: {} },
  }
  const signal = new AbortController().signal
  const proposals = ids(session.proposals)
  const before = store
    .rowsOf('grades')
    .filter(({ id, role }) => role === 'solver' || proposals.has(id))
  for (const order of session.proposals) await checkProposal(other, order, signal)
  for (const row of before.filter(({ role }) => role === 'solver')) {
    for (const order of orderOf(store, row)) await gradeAnswer(other, order, signal)
  }
  await gradeProposals(other)
  const batch = session.step === 0 ? [] : batchOf(other, session.step)
  return {
    step: session.step,
    grades: before.map(row => [row, overlay.cached('grades', row.id) ?? row]),
    batch: [session.batch, batch],
  }
}
