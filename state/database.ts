/** Opens SQLite files. It does not decide which process may write (owner.ts). */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { AzrError, RunDamaged, UsageError } from '../domain/errors.ts'
import { damageOf } from './damage.ts'
import { drizzle } from './drizzle.ts'
import { bringUpToDate, type Migrations, migrationsIn, versionIn } from './migrate.ts'

export const busyMs = 5000
/** The run was killed while it was created, or its file was emptied. */
export const noRun = 'it holds no run: `azr runs rm RUN` deletes its files'

function check(): void {
  // better-sqlite3 13 needs Node-API 10. Without it, it ends in a segmentation fault.
  if (Number(process.versions.napi ?? 10) < 10) {
    throw new AzrError(
      'node-too-old',
      `Cannot open a database under Node ${process.version}: it needs Node 22.18 or newer; ` +
        'start azr through scripts/azr, which brings its own',
    )
  }
}

const ours: Migrations = migrationsIn(fileURLToPath(new URL('./migrations', import.meta.url)))

/** The number of migrations that a database has, and the number that exist. */
export const versionOf = (client: Database.Database) => versionIn(client, ours)

/** Opens for writing. Creates the file and its tables if they are missing. */
export function openForWriting(path: string, migrations = ours) {
  check()
  try {
    const client = new Database(path, { timeout: busyMs })
    // For a new file only. A rollout takes 2.5 kB, so smaller pages would hold one each.
    client.pragma('page_size = 8192')
    // Refuses a newer database before it changes anything.
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

/** The version of a run's database. Throws RunDamaged if it is not one. */
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

/** Opens for reading. First migrates a run of an older version. */
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

/** Opens for reading without migration, to examine or repair the file. */
export function openUnchanged(path: string): Database.Database {
  check()
  if (!existsSync(path))
    throw new UsageError('run-unknown', `Cannot read ${path} as it does not exist`)
  return new Database(path, { readonly: true, timeout: busyMs })
}
