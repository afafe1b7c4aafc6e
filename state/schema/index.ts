/** All tables. The unmeasured columns of `factTables` depend on config and seed only. */
import { corpusPrograms } from './corpus-programs.ts'
import { evaluationItems, evaluations } from './evaluations.ts'
import { executions } from './executions.ts'
import { grades } from './grades.ts'
import { messages, metrics } from './metrics.ts'
import { checkpoints, policies } from './policies.ts'
import { prompts } from './prompts.ts'
import { rollouts } from './rollouts.ts'
import { commands, run, runEvents } from './run.ts'
import { digests, steps } from './steps.ts'
import { suiteItems } from './suite-items.ts'
import { taskReferences } from './task-references.ts'
import { tasks } from './tasks.ts'
import { updateItems, updates } from './updates.ts'

export const tables = {
  run,
  run_events: runEvents,
  commands,
  steps,
  digests,
  tasks,
  task_references: taskReferences,
  prompts,
  rollouts,
  executions,
  grades,
  updates,
  update_items: updateItems,
  policies,
  checkpoints,
  evaluations,
  evaluation_items: evaluationItems,
  suite_items: suiteItems,
  corpus_programs: corpusPrograms,
  metrics,
  messages,
}

export type Tables = typeof tables
export type TableName = keyof Tables
export type Row<Name extends TableName> = Tables[Name]['$inferSelect']
export type NewRow<Name extends TableName> = Tables[Name]['$inferInsert']

export const factTables = [
  'tasks',
  'task_references',
  'prompts',
  'rollouts',
  'executions',
  'grades',
  'updates',
  'update_items',
  'policies',
  'evaluations',
  'evaluation_items',
  'suite_items',
  'corpus_programs',
] as const satisfies TableName[]

/** Tables whose rows exist when a run begins, so that it depends on no other file. */
export const givenTables = ['suite_items', 'corpus_programs'] as const satisfies TableName[]

/** The rows with which a run begins. Its first events say where they come from. */
export type Given = {
  [Name in (typeof givenTables)[number] | 'run_events']?: readonly NewRow<Name>[]
}

/** Tables whose rows are each made in one step. `madeInOf` names the column with that step. */
export const stepTables = [
  'tasks',
  'rollouts',
  'executions',
  'grades',
  'updates',
  'update_items',
  'evaluations',
  'evaluation_items',
  'metrics',
] as const satisfies TableName[]

const lateTables: readonly TableName[] = ['evaluations', 'evaluation_items', 'metrics']
export const madeInOf = (name: TableName) => (lateTables.includes(name) ? 'made_in' : 'step')

/** Measured columns, which differ between runs of the same config. */
export const isMeasured = (column: string) => /_(ms|seconds|memory_bytes|pid)$/.test(column)
