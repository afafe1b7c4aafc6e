/** Opens SQLite files. Not here: which process may write (owner.ts), what is written. */
import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { migrate } from 'drizzle-orm/better-sqlite3/migrator'
import { AzrError, UsageError } from '../src/errors.ts'
import { dropViews, makeViews } from './views.ts'

const migrations = fileURLToPath(new URL('./migrations', import.meta.url))
export const busyMs = 5000

function check(): void {
  // better-sqlite3 13 needs Node-API 10: without it, it dies of a bare segmentation fault.
  if (Number(process.versions.napi ?? 10) < 10) {
    throw new AzrError(
      `Cannot open a database under Node ${process.version}: it needs Node 22.18 or newer; ` +
        'start azr through scripts/azr, which brings its own',
    )
  }
}

/** Opens for writing, makes the file and its tables where they are missing. */
export function openForWriting(path: string) {
  check()
  try {
    const client = new Database(path, { timeout: busyMs })
    // Of a new file only. A rollout takes 2.5 kB: of pages half as large each would fill one alone.
    client.pragma('page_size = 8192')
    client.pragma('journal_mode = WAL')
    client.pragma('synchronous = NORMAL')
    const db = drizzle(client)
    // A migration may make a table anew, which a view on it would forbid.
    if (isOutdated(client)) dropViews(client)
    migrate(db, { migrationsFolder: migrations })
    makeViews(client)
    return { client, db }
  } catch (error) {
    const why = (error as { code?: string }).code ?? 'unknown error'
    throw new AzrError(
      `Cannot write ${path} (${why}): is its folder writable and the disk not full?`,
      {
        cause: error,
      },
    )
  }
}

/** Whether a run was made by an older version, and lacks tables or columns that are read today. */
function isOutdated(client: Database.Database): boolean {
  const known = readdirSync(migrations).filter(name => name.endsWith('.sql')).length
  const count = `select count(*) as n from __drizzle_migrations`
  const isBegun = `select 1 from sqlite_master where name = '__drizzle_migrations'`
  if (!client.prepare(isBegun).get()) return false
  const { n } = client.prepare(count).get() as { n: number }
  return n > 0 && n < known
}

/** Opens for reading; a run of an older version is brought up to date first. */
export function openForReading(path: string) {
  check()
  if (!existsSync(path)) throw new UsageError(`Cannot read ${path} as it does not exist`)
  const open = () => new Database(path, { readonly: true, timeout: busyMs })
  let client = open()
  if (isOutdated(client)) {
    client.close()
    openForWriting(path).client.close()
    client = open()
  }
  return { client, db: drizzle(client) }
}

export type Db = ReturnType<typeof openForReading>['db']
