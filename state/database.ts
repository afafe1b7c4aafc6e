/** Opens SQLite files. Not here: which process may write (owner.ts), what is written. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { AzrError, RunDamaged, UsageError } from '../domain/errors.ts'
import { damageOf } from './damage.ts'
import { drizzle, migrate } from './drizzle.ts'
import { dropViews, makeViews } from './views.ts'

const migrations = fileURLToPath(new URL('./migrations', import.meta.url))
export const busyMs = 5000
/** Of a run that was killed while it was made, or a file that was emptied. */
export const noRun = 'it holds no run: `azr runs rm RUN` deletes what there is of it'

function check(): void {
  // better-sqlite3 13 needs Node-API 10: without it, it dies of a bare segmentation fault.
  if (Number(process.versions.napi ?? 10) < 10) {
    throw new AzrError(
      `Cannot open a database under Node ${process.version}: it needs Node 22.18 or newer; ` +
        'start azr through scripts/azr, which brings its own',
    )
  }
}

/** When each migration was made, oldest first: what a database has of them says how old it is. */
const made: number[] = JSON.parse(
  readFileSync(join(migrations, 'meta', '_journal.json'), 'utf8'),
).entries.map(({ when }: { when: number }) => when)

/** Of which version a database is: how many of our migrations it has. */
export function versionOf(client: Database.Database): { version: number; newest: number } {
  const begun = `select 1 from sqlite_master where name = '__drizzle_migrations'`
  if (!client.prepare(begun).get()) return { version: 0, newest: made.length }
  const sql = 'select max(created_at) as last from __drizzle_migrations'
  const { last } = client.prepare(sql).get() as { last: number | null }
  if (last !== null && last > (made.at(-1) as number)) {
    throw new UsageError(
      `Cannot open ${client.name} as a newer azr has written it: use that one, as this one knows ` +
        `its schema up to version ${made.length} only`,
    )
  }
  return { version: made.filter(when => when <= (last ?? 0)).length, newest: made.length }
}

/** Opens for writing, makes the file and its tables where they are missing. */
export function openForWriting(path: string) {
  check()
  try {
    const client = new Database(path, { timeout: busyMs })
    // Of a new file only. A rollout takes 2.5 kB: of pages half as large each would fill one alone.
    client.pragma('page_size = 8192')
    const { version, newest } = versionOf(client)
    client.pragma('journal_mode = WAL')
    client.pragma('synchronous = NORMAL')
    const db = drizzle(client)
    // A migration may make a table anew, which a view on it would forbid.
    if (version < newest) dropViews(client)
    migrate(db, { migrationsFolder: migrations })
    makeViews(client)
    return { client, db }
  } catch (error) {
    if (error instanceof AzrError) throw error
    const why = (error as { code?: string }).code ?? 'unknown error'
    throw new AzrError(
      `Cannot write ${path} (${why}): is its folder writable and the disk not full?`,
      {
        cause: error,
      },
    )
  }
}

/** The version of a run's database; RunDamaged where it is none. */
function versionRead(client: Database.Database): ReturnType<typeof versionOf> {
  let found: ReturnType<typeof versionOf>
  try {
    found = versionOf(client)
  } catch (error) {
    const why = damageOf(error)
    throw why ? new RunDamaged(`Cannot read ${client.name} as ${why}`, { cause: error }) : error
  }
  if (found.version > 0) return found
  throw new RunDamaged(`Cannot read ${client.name} as ${noRun}`)
}

/** Opens for reading; a run of an older version is brought up to date first. */
export function openForReading(path: string) {
  let client = openUnchanged(path)
  try {
    const { version, newest } = versionRead(client)
    if (version === newest) return { client, db: drizzle(client) }
  } catch (error) {
    client.close()
    throw error
  }
  client.close()
  openForWriting(path).client.close()
  client = openUnchanged(path)
  return { client, db: drizzle(client) }
}

export type Db = ReturnType<typeof openForReading>['db']

/** Opens for reading as it is, of whatever version, for who looks after the file. */
export function openUnchanged(path: string): Database.Database {
  check()
  if (!existsSync(path)) throw new UsageError(`Cannot read ${path} as it does not exist`)
  return new Database(path, { readonly: true, timeout: busyMs })
}
