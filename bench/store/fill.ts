/**
 * Makes a run of many steps: rollouts with their prompts, grades, tasks, executions, curves,
 * messages. The first step is made from rows, the others are copies with their own keys.
 */
import { join } from 'node:path'
import type { Database } from 'better-sqlite3'
import { formatStep } from '../../domain/key.ts'
import { columnsOf } from '../../state/columns.ts'
import { openForWriting } from '../../state/database.ts'
import { openRun } from '../../state/open.ts'
import type { NewRow, TableName } from '../../state/types.ts'
import { perStep, rolloutRow } from './rows.ts'

export function inserterOf(client: Database, name: TableName) {
  const columns = columnsOf(name).map(column => `"${column.name}"`)
  const marks = columns.map(() => '?')
  return client.prepare(`insert or ignore into "${name}" (${columns}) values (${marks})`)
}

export function valuesOf<Name extends TableName>(name: Name, row: NewRow<Name>): unknown[] {
  return columnsOf(name).map(column => {
    const value = (row as Record<string, unknown>)[column.name]
    return value === null || value === undefined ? null : column.mapToDriverValue(value)
  })
}

const states = ['planning', 'rolling', 'grading', 'updating', 'saving', 'evaluating', 'closing']

/** A step's own rows: everything except rollouts and their details. */
function stepRows(step: number): [TableName, object][] {
  const own = { step, policy_version: step, proposals: 100, accepted: 60, rollouts: perStep }
  const times = { wall_ms: 5000, rolling_ms: 3000, learner_ms: 1000, evaluate_ms: 0 }
  const metrics = Array.from({ length: 60 }, (_, i): [TableName, object] => [
    'metrics',
    { step, made_in: step, name: i === 0 ? 'loss' : `curve.${i}`, value: step / (i + 1) },
  ])
  const messages = states.map((state): [TableName, object] => [
    'messages',
    {
      at_ms: step * 5000,
      sender: 'run',
      receiver: 'run',
      type: 'machine.changed',
      item_id: null,
      body: { state, deadlineMs: 1000 },
    },
  ])
  const row = { ...own, ...times, executions: 900, trained: 400, own_cpu_ms: 900 }
  return [['steps', row], ...metrics, ...messages]
}

/** The actors' messages about an item. */
function exchange(step: number, isProposal: boolean) {
  const types = isProposal
    ? ['task.propose', 'proposal.drafted', 'proposal.check', 'task.validated']
    : ['task.solve', 'answer.drafted', 'answer.check', 'answer.graded']
  const others = [isProposal ? 'proposer' : 'solver', 'executor']
  return types.map((type, i) => {
    const pair = ['run', others[i >> 1]] as [string, string]
    const [sender, receiver] = i % 2 ? pair.toReversed() : pair
    return { at_ms: step * 5000, sender, receiver, type }
  })
}

const promptText = 'Solve this: '.repeat(50)

function verdictOf(n: number, isProposal: boolean): string {
  if (isProposal) return 'accepted'
  if (n % 2) return 'correct'
  return n % perStep === 2 ? 'ungraded' : 'wrong'
}

function rolloutRows(n: number): [TableName, object][] {
  const row = rolloutRow(n)
  const { id, step, kind, role, task_hash, purpose } = row
  const isProposal = purpose === 'propose'
  const grade = {
    id,
    step,
    role,
    kind,
    parsed: '5',
    verdict: verdictOf(n, isProposal),
    reason: null,
    reward: n % 2,
    success_rate: isProposal ? 0.5 : null,
    learnability: null,
    input_hash: task_hash,
  }
  const task = {
    id,
    step,
    purpose,
    kind,
    verdict: n % 90 === 0 ? 'duplicate' : 'accepted',
    reason: null,
    program: 'def f(a):\n return a + 1',
    normalized: 'def f(a): return a + 1',
    message: '',
    pairs: [],
    hash: task_hash,
    input_hash: task_hash,
  }
  const executed = {
    id: `${id}.00`,
    step,
    rollout_id: id,
    program: task.program,
    input: '4',
    outcome: 'returned',
    output: '5',
    canonical: '5',
    error: null,
    literal: true,
    input_canonical: '4',
    input_hash: task_hash,
    cpu_ms: 1,
    peak_memory_bytes: 1,
  }
  const prompt = { hash: row.prompt_hash, text: promptText, ids: row.ids }
  const more: [TableName, object][] = [
    ...(isProposal ? ([['tasks', task]] as [TableName, object][]) : []),
    ...(n % 8 === 0 ? ([['prompts', prompt]] as [TableName, object][]) : []),
  ]
  const said = exchange(step, isProposal).map((message): [TableName, object] => {
    return ['messages', { ...message, item_id: id, body: null }]
  })
  return [['rollouts', row], ['grades', grade], ['executions', executed], ...more, ...said]
}

const filled = [
  'steps',
  'metrics',
  'messages',
  'prompts',
  'rollouts',
  'grades',
  'executions',
] as const

/** A column of a later step as an expression over the first step's: see `storedKeys`. */
function shifted(column: string): string {
  if (['id', 'rollout_id', 'item_id'].includes(column)) return `:prefix || substr(${column}, 7)`
  if (column.endsWith('hash')) return `substr(${column}, 1, 26) || :prefix`
  if (['step', 'policy_version'].includes(column)) return ':step'
  return column === 'at_ms' ? 'at_ms + 5000 * :step' : `"${column}"`
}

/**
 * Copies the existing rows for each further step, because SQLite does that faster than single
 * inserts.
 */
function copySteps(client: Database, steps: number): void {
  const copies = [...filled, 'tasks' as const].map(name => {
    const columns = columnsOf(name).map(column => column.name)
    client.exec(`create temp table first_${name} as select * from "${name}"`)
    const list = columns.map(column => `"${column}"`)
    return client.prepare(
      `insert into "${name}" (${list}) select ${columns.map(shifted)} from first_${name}`,
    )
  })
  for (let step = 1; step < steps; step++) {
    const prefix = formatStep(step)
    client.transaction(() => {
      for (const copy of copies) copy.run({ step, prefix })
    })()
  }
}

/** Makes a run with this number of rollouts, in whole steps. */
export async function fill(home: string, name: string, rollouts: number): Promise<void> {
  const steps = Math.ceil(rollouts / perStep)
  const config = { steps, evaluate: { suites: [] } }
  const run = { name, preset: 'x', seed: 1, config, versions: {}, created_at_ms: 0 }
  const { release } = await openRun(home, name, run)
  await release()
  const { client } = openForWriting(join(home, name, 'run.db'))
  // SQLite leaves write-ahead logging only for a journal in a file, and then for one in memory.
  const pragmas = ['journal_mode = DELETE', 'journal_mode = MEMORY', 'synchronous = OFF']
  for (const pragma of [...pragmas, 'temp_store = MEMORY', 'cache_size = -500000']) {
    client.pragma(pragma)
  }
  client.transaction(() => {
    const rows = Array.from({ length: perStep }, (_, n) => rolloutRows(n)).flat()
    for (const [table, row] of [...stepRows(0), ...rows]) {
      inserterOf(client, table).run(valuesOf(table, row as never))
    }
  })()
  copySteps(client, steps)
  client.pragma('journal_mode = WAL')
  client.close()
}

/** Keys of rollout `n` of such a run. */
export function storedKeys(n: number): { id: string; task: string } {
  const prefix = formatStep(Math.floor(n / perStep))
  const { id, task_hash } = rolloutRow(n % perStep)
  const task = String(task_hash)
  return {
    id: prefix + id.slice(6),
    task: n < perStep ? task : task.slice(0, 26) + prefix,
  }
}
