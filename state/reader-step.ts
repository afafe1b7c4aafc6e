/**
 * Reads the memoised rows of a step: those of self-play together, those of suites one item at a
 * time, because there may be a hundred thousand. It avoids drizzle's builder, which takes longer
 * than SQLite. Comparison and reuse are elsewhere.
 */
import { formatStep } from '../domain/key.ts'
import { columnsOf } from './columns.ts'
import type { Db } from './database.ts'
import type { Row, TableName } from './schema/index.ts'

/** Sorts after all ids with the same prefix: ids do not contain it. */
const end = '~'

/** Selects whole rows of a table, decoded. */
function selection<Name extends TableName>(db: Db, name: Name, where: string) {
  const columns = columnsOf(name)
  const list = columns.map(column => `"${column.name}"`).join(', ')
  const statement = db.$client.prepare(`select ${list} from "${name}" where ${where}`).raw()
  const isPlain = columns.map(({ dataType }) => dataType === 'string' || dataType === 'number')
  const decode = (values: unknown[]) => {
    const row: Record<string, unknown> = {}
    columns.forEach((column, i) => {
      const value = values[i]
      row[column.name] = isPlain[i] || value === null ? value : column.mapFromDriverValue(value)
    })
    return row as Row<Name>
  }
  return (...args: unknown[]) => (statement.all(...args) as unknown[][]).map(decode)
}

export function createStepReads(db: Db) {
  /** Ids of self-play sort before and after those of suites. */
  const played = `id >= @first and id < @first || '.evaluate.' or
    id >= @first || '.evaluate.${end}' and id < @last`
  const within = `id >= ? and id < ? || '${end}'`
  const select = {
    rollouts: selection(db, 'rollouts', played),
    executions: selection(db, 'executions', played),
    grades: selection(db, 'grades', 'step = ?'),
    tasks: selection(db, 'tasks', 'step = ?'),
    updates: selection(db, 'updates', 'step = ?'),
  }
  const ofItem = {
    rollouts: selection(db, 'rollouts', within),
    executions: selection(db, 'executions', within),
    evaluation_items: selection(db, 'evaluation_items', within),
  }
  const attempted = db.$client
    .prepare(`select id from rollouts where step = ? and purpose = 'evaluate' and id like '%.0'`)
    .pluck()
  const verdicts = db.$client.prepare(
    `select id, verdict, scratch, finish_reason = 'length' as cut
      from evaluation_items join rollouts using (id) where ${within} order by id`,
  )
  return {
    /** Every row of a step's memoised work, except those of suites' items. */
    stepRows(step: number) {
      const bounds = { first: formatStep(step), last: formatStep(step + 1) }
      return {
        rollouts: select.rollouts(bounds),
        executions: select.executions(bounds),
        grades: select.grades(step),
        tasks: select.tasks(step),
        updates: select.updates(step),
        evaluation_items: [] as Row<'evaluation_items'>[],
      }
    },

    /** The items that were attempted in a step, by the id of the first answer. */
    attempted: (step: number) => attempted.all(step) as string[],

    /** The rows of all answers to an item, by the id of the first. */
    itemRows(id: string) {
      const prefix = id.slice(0, id.lastIndexOf('.') + 1)
      return {
        rollouts: ofItem.rollouts(prefix, prefix),
        executions: ofItem.executions(prefix, prefix),
        evaluation_items: ofItem.evaluation_items(prefix, prefix),
        grades: [],
        tasks: [],
        updates: [],
      }
    },

    /** The verdicts on answers with this id prefix, in the order of the ids. */
    verdicts: (prefix: string) =>
      verdicts.all(prefix, prefix) as { id: string; verdict: string; scratch: 0 | 1; cut: 0 | 1 }[],
  }
}
