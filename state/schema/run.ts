/** The run itself, its events, and commands from other processes. */
import { builtInKinds, type KindShown, shownOf } from '../../domain/kinds/index.ts'
import { integer, json, sqliteTable, text } from './columns.ts'

/** One plug-in: its file, its name, and the hash of its content (src/plugins/sources.ts). */
export type PluginRow = {
  what: 'kind' | 'reward' | 'benchmark'
  path: string
  name: string
  hash: string
}

/** A single row that describes the run. */
export const run = sqliteTable('run', {
  name: text('name').primaryKey(),
  preset: text('preset').notNull(),
  seed: integer('seed').notNull(),
  config: json<unknown>('config').notNull(),
  /** The versions of azr, Node, Python and torch with which it began. */
  versions: json<Record<string, string>>('versions').notNull(),
  /** The user's files that it uses, with the hashes of their contents. */
  plugins: json<PluginRow[]>('plugins').notNull().default([]),
  /** The kinds of task that it knows, as shown to readers, who run no plug-in code. */
  kinds: json<KindShown[]>('kinds')
    .notNull()
    .$defaultFn(() => shownOf(builtInKinds)),
  lineage: json<unknown>('lineage'),
  created_at_ms: integer('created_at_ms').notNull(),
})

/** Status, restarts, redone work, failed gates, answers to commands. */
export const runEvents = sqliteTable('run_events', {
  seq: integer('seq').primaryKey({ autoIncrement: true }),
  at_ms: integer('at_ms').notNull(),
  process_pid: integer('process_pid').notNull(),
  event: text('event').notNull(),
  detail: json<unknown>('detail'),
})

/** Requests from other processes: pause, resume, stop. */
export const commands = sqliteTable('commands', {
  seq: integer('seq').primaryKey({ autoIncrement: true }),
  at_ms: integer('at_ms').notNull(),
  process_pid: integer('process_pid').notNull(),
  command: text('command').notNull(),
  detail: json<unknown>('detail'),
})
