/** Brings the schema of a database up to date: numbered migrations, forward only. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Database } from 'better-sqlite3'
import { UsageError } from '../domain/errors.ts'
import { drizzle, migrate } from './drizzle.ts'
import { dropViews, makeViews } from './views.ts'

export type Migrations = {
  folder: string
  /** When each migration was made, in ms, oldest first. */
  madeMs: number[]
}

/** Reads the migrations of a folder that drizzle-kit wrote. */
export function migrationsIn(folder: string): Migrations {
  const journal = JSON.parse(readFileSync(join(folder, 'meta', '_journal.json'), 'utf8'))
  return { folder, madeMs: journal.entries.map(({ when }: { when: number }) => when) }
}

/** The number of migrations that a database has, and the number that exist. */
export function versionIn(client: Database, { madeMs }: Migrations) {
  const newest = madeMs.length
  const begun = `select 1 from sqlite_master where name = '__drizzle_migrations'`
  if (!client.prepare(begun).get()) return { version: 0, newest }
  const sql = 'select max(created_at) as last from __drizzle_migrations'
  const { last } = client.prepare(sql).get() as { last: number | null }
  if (last !== null && last > (madeMs.at(-1) as number)) {
    throw new UsageError(
      'schema-newer',
      `Cannot open ${client.name} as a newer version of azr wrote it: use that version (this ` +
        `one knows the schema up to version ${newest})`,
    )
  }
  return { version: madeMs.filter(when => when <= (last ?? 0)).length, newest }
}

/** Applies the missing migrations, and creates the views again. */
export function bringUpToDate(client: Database, migrations: Migrations): void {
  const { version, newest } = versionIn(client, migrations)
  // A migration may replace a table, which fails while a view uses it.
  if (version < newest) dropViews(client)
  migrate(drizzle(client), { migrationsFolder: migrations.folder })
  makeViews(client)
}
