/** Opens SQLite files. Not here: which process may write (owner.ts), what is written. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { AzrError, RunDamaged, UsageError } from '../domain/errors.ts'
import { damageOf } from './damage.ts'
import { drizzle } from './drizzle.ts'
import { bringUpToDate, type Migrations, migrationsIn, versionIn } from './migrate.ts'

export const busyMs = 5000
/** Of a run that was killed while it was made, or a file that was emptied. */
export const noRun = 'it holds no run: `azr runs rm RUN` deletes what there is of it'

function check(): void {
  // better-sqlite3 13 needs Node-API 10: without it, it dies of a bare segmentation fault.
  if (Number(process.versions.napi ?? 10) < 10) {
    throw new AzrError(
      'node-too-old',
      `Cannot open a database under Node ${process.version}: it needs Node 22.18 or newer; ` +
        'start azr through scripts/azr, which brings its own',
    )
  }
}

const ours: Migrations = migrationsIn(fileURLToPath(new URL('./migrations', import.meta.url)))

/** How many of our migrations a database has, and how many there are. */
export const versionOf = (client: Database.Database) => versionIn(client, ours)

/** Opens for writing, makes the file and its tables where they are missing. */
export function openForWriting(path: string, migrations = ours) {
  check()
  try {
    const client = new Database(path, { timeout: busyMs })
    // Of a new file only. A rollout takes 2.5 kB: of pages half as large each would fill one alone.
    client.pragma('page_size = 8192')
    // A newer one is refused before anything is changed.
    versionIn(client, migrations)
    client.pragma('journal_mode = WAL')
    client.pragma('synchronous = NORMAL')
    bringUpToDate(client, migrations)
    return { client, db: drizzle(client) }
  } catch (error) {
    if (error instanceof AzrError) throw error
    const why = (error as { code?: string }).code ?? 'unknown error'
    throw new AzrError(
      'home-unwritable',
      `Cannot write ${path} (${why}): is its folder writable and the disk not full?`,
      {
        cause: error,
      },
    )
  }
}

/** The version of a run's database; RunDamaged where it is none. */
function versionRead(client: Database.Database, migrations: Migrations) {
  let found: ReturnType<typeof versionIn>
  try {
    found = versionIn(client, migrations)
  } catch (error) {
    const why = damageOf(error)
    throw why
      ? new RunDamaged('run-damaged', `Cannot read ${client.name} as ${why}`, { cause: error })
      : error
  }
  if (found.version > 0) return found
  throw new RunDamaged('run-damaged', `Cannot read ${client.name} as ${noRun}`)
}

/** Opens for reading; a run of an older version is brought up to date first. */
export function openForReading(path: string, migrations = ours) {
  let client = openUnchanged(path)
  try {
    const { version, newest } = versionRead(client, migrations)
    if (version === newest) return { client, db: drizzle(client) }
  } catch (error) {
    client.close()
    throw error
  }
  client.close()
  openForWriting(path, migrations).client.close()
  client = openUnchanged(path)
  return { client, db: drizzle(client) }
}

export type Db = ReturnType<typeof openForReading>['db']

/** Opens for reading as it is, of whatever version, for who looks after the file. */
export function openUnchanged(path: string): Database.Database {
  check()
  if (!existsSync(path))
    throw new UsageError('run-unknown', `Cannot read ${path} as it does not exist`)
  return new Database(path, { readonly: true, timeout: busyMs })
}
