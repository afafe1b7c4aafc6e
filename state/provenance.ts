/**
 * Traces a row to its origins as a tree: from an update to its rollouts, from a rollout to its text
 * and task, from a task to its parents, up to the seeds. Formatting is in src/cli/trace.ts.
 */
import type { Database } from 'better-sqlite3'
import { formatStep } from '../domain/key.ts'

export type Branch = {
  kind: 'update' | 'rollout' | 'execution' | 'task' | 'note'
  id: string
  /** The facts of one line: names and values, as stored. */
  facts: Record<string, unknown>
  /** Text that a model wrote. */
  text?: string
  children: Branch[]
}

type Facts = Record<string, string | number | null>

/** The number of an update's rollouts to show: those with the largest effect. */
const shownItems = 12
/** Limits of the tree: generations of parents, and rows. */
const bounds = { generations: 30, rows: 300 }

/** Reads rows and remembers which are in the tree. Each appears once, so the tree is finite. */
function openBook(client: Database) {
  const one = (sql: string, ...values: unknown[]) =>
    client.prepare(sql).get(...values) as Facts | undefined
  const all = (sql: string, ...values: unknown[]) => client.prepare(sql).all(...values) as Facts[]
  let rows = 0
  const seen = new Set<string>()

  function once(kind: Branch['kind'], id: string, make: () => Branch): Branch {
    const note = (text: string): Branch => ({
      kind: 'note',
      id,
      facts: { [text]: '' },
      children: [],
    })
    if (seen.has(`${kind} ${id}`)) return note('see above')
    if (rows >= bounds.rows) return note('not shown: use `azr trace` with its id')
    seen.add(`${kind} ${id}`)
    rows += 1
    return make()
  }
  return { one, all, once }
}

type Book = ReturnType<typeof openBook>

const executions = ({ all }: Book, id: string): Branch[] =>
  all('select * from executions where rollout_id = ? order by id', id).map(row => ({
    kind: 'execution',
    id: String(row.id),
    facts: { outcome: row.outcome, error: row.error, 'CPU ms': row.cpu_ms },
    text: `f(${row.input})${row.output === null ? '' : ` → ${row.output}`}`,
    children: [],
  }))

/** Functions of the user's own code that a task began with. */
const functions = ({ all }: Book, id: string): Branch[] =>
  all(
    `select distinct file, line, name, program from task_references
     join corpus_programs on hash = reference_hash where task_id = ?`,
    id,
  ).map(({ file, line, name, program }) => ({
    kind: 'note',
    id: `${file}:${line}`,
    facts: { 'own function': name },
    text: String(program),
    children: [],
  }))

function parents(book: Book, task: Facts, generation: number): Branch[] {
  if (generation >= bounds.generations) return []
  const own = book.all(
    `select parent.* from task_references
     join tasks parent on parent.hash = reference_hash and parent.verdict = 'accepted'
     where task_id = ? order by position`,
    task.id,
  )
  return own.map(row =>
    book.once('task', String(row.id), () => taskBranch(book, row, generation + 1)),
  )
}

function taskBranch(book: Book, task: Facts, generation = 0): Branch {
  const grade = book.one('select * from grades where id = ?', task.id)
  const { kind, verdict, reason, message } = task
  const facts = { kind, verdict, reason, message, 'success rate': grade?.success_rate ?? null }
  const found = [...functions(book, String(task.id)), ...parents(book, task, generation)]
  const isSeed = Number(task.step) === 0
  return {
    kind: 'task',
    id: String(task.id),
    facts: {
      ...facts,
      reward: grade?.reward ?? null,
      ...(isSeed ? { 'from the seeding': '' } : {}),
    },
    text: String(task.program ?? ''),
    children: [...(generation === 0 ? executions(book, String(task.id)) : []), ...found],
  }
}

const taskOf = ({ one }: Book, rollout: Facts): Facts | undefined =>
  rollout.role === 'proposer'
    ? one('select * from tasks where id = ?', rollout.id)
    : one(
        "select * from tasks where hash = ? and verdict = 'accepted' order by id limit 1",
        rollout.task_hash,
      )

function rolloutBranch(book: Book, rollout: Facts): Branch {
  const id = String(rollout.id)
  const grade =
    book.one('select verdict, reason, parsed, reward from grades where id = ?', id) ??
    book.one(
      'select verdict, detail as reason, extracted as parsed from evaluation_items where id = ?',
      id,
    )
  const item = book.one(
    'select step, advantage from update_items where rollout_id = ? order by step limit 1',
    id,
  )
  const { role, kind, policy_version: policy, seed, finish_reason: ended } = rollout
  const trained = item
    ? { 'in update': formatStep(Number(item.step)), advantage: item.advantage }
    : {}
  const task = taskOf(book, rollout)
  const behind = task ? [book.once('task', String(task.id), () => taskBranch(book, task))] : []
  const ran = rollout.role === 'solver' ? executions(book, id) : []
  return {
    kind: 'rollout',
    id,
    facts: { role, kind, ...grade, ...trained, policy, seed, ended },
    text: String(rollout.text),
    children: [...ran, ...behind],
  }
}

function updateBranch(book: Book, update: Facts): Branch {
  const { step } = update
  const items = book.all(
    `select rollouts.*, advantage from update_items join rollouts on rollouts.id = rollout_id
     where update_items.step = ? order by abs(advantage) desc, position limit ?`,
    step,
    shownItems,
  )
  const left = Number(update.sequences) - items.length
  const note = { kind: 'note' as const, id: `${left} more`, facts: { 'v_training lists all': '' } }
  const more: Branch[] = left > 0 ? [{ ...note, children: [] }] : []
  const { loss, gradient_norm, sequences, tokens, skipped, weights_hash } = update
  return {
    kind: 'update',
    id: String(update.id),
    facts: {
      loss,
      'gradient norm': gradient_norm,
      sequences,
      tokens,
      skipped,
      weights: weights_hash,
    },
    children: [
      ...items.map(row => book.once('rollout', String(row.id), () => rolloutBranch(book, row))),
      ...more,
    ],
  }
}

/**
 * The tree of an update (its step), a rollout, a task (id or hash) or an execution; null if there
 * is no such row.
 */
export function traceIn(client: Database, id: string): Branch | null {
  const book = openBook(client)
  const { one, once } = book
  if (/^\d{1,6}$/.test(id)) {
    const update = one('select * from updates where step = ?', Number(id))
    return update ? updateBranch(book, update) : null
  }
  const execution = one('select rollout_id from executions where id = ?', id)
  const rollout = one('select * from rollouts where id = ?', execution?.rollout_id ?? id)
  if (rollout) return once('rollout', String(rollout.id), () => rolloutBranch(book, rollout))
  const task =
    one('select * from tasks where id = ?', execution?.rollout_id ?? id) ??
    one("select * from tasks where hash = ? and verdict = 'accepted' order by id limit 1", id)
  return task ? once('task', String(task.id), () => taskBranch(book, task)) : null
}
