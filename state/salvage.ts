/**
 * Copies the readable rows of a damaged run into a new file, table by table. It halves a range of
 * unreadable rows until it knows which are lost. Damage is found in check.ts.
 */
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type Database from 'better-sqlite3'
import { RunDamaged, UsageError } from '../domain/errors.ts'
import { openForWriting, openUnchanged } from './database.ts'
import { getTableColumns } from './drizzle.ts'
import { type TableName, tables } from './schema/index.ts'

/** `lost` is null if the table does not show how many rows it had. */
export type Salvaged = { table: string; rows: number; lost: number | null }

const chunk = 1024
/** After this many empty ranges in a row it gives up the rest, if the end is unknown. */
const patience = 8
/** The end of a table whose end is unknown. */
const farthest = 2 ** 32

/** The first and last row. Rows are numbered from 1, so there are fewer of them than bytes. */
function range(client: Database.Database, name: string): [first: number, last: number] {
  const end = (order: string, otherwise: number) => {
    try {
      const sql = `select rowid from "${name}" order by rowid ${order} limit 1`
      return (client.prepare(sql).pluck().get() as number | undefined) ?? 0
    } catch {
      return otherwise
    }
  }
  const [first, last] = [end('asc', 1), end('desc', farthest)]
  const pragma = (name: string) => client.pragma(name, { simple: true }) as number
  return [first, last <= pragma('page_count') * pragma('page_size') ? last : farthest]
}

/** Returns the next row from a place on. A table that cannot be searched is read row by row. */
function seeker(client: Database.Database, name: string): (low: number) => number {
  const sql = `select rowid from "${name}" where rowid >= ? order by rowid limit 1`
  const seek = client.prepare(sql).pluck()
  return low => {
    try {
      return (seek.get(low) as number | undefined) ?? Number.POSITIVE_INFINITY
    } catch {
      return low
    }
  }
}

function columnsHeld(client: Database.Database, name: TableName): string[] {
  const held = client.prepare(`select name from pragma_table_info('${name}')`).pluck().all()
  return Object.values(getTableColumns(tables[name]))
    .map(column => column.name)
    .filter(column => held.includes(column))
}

function salvageTable(from: Database.Database, to: Database.Database, name: TableName): Salvaged {
  const list = columnsHeld(from, name).map(column => `"${column}"`)
  const found = { table: name, rows: 0, lost: 0 }
  if (list.length === 0) return found
  const marks = list.map(() => '?')
  const insert = to.prepare(`insert or ignore into "${name}" (${list}) values (${marks})`)
  const sql = `select ${list} from "${name}" where rowid between ? and ?`
  const select = from.prepare(sql).raw()
  const [first, last] = range(from, name)
  const isEndKnown = last !== farthest
  const take = (low: number, high: number) => {
    try {
      for (const row of select.all(low, high) as unknown[][]) found.rows += insert.run(row).changes
    } catch {
      if (low === high) found.lost += 1
      else {
        const middle = Math.floor((low + high) / 2)
        take(low, middle)
        take(middle + 1, high)
      }
    }
  }
  const next = seeker(from, name)
  let [low, barren] = [first, 0]
  for (; low <= last && (isEndKnown || barren < patience); low = next(low + chunk)) {
    const before = found.rows
    take(low, Math.min(last, low + chunk - 1))
    barren = found.rows > before ? 0 : barren + 1
  }
  const isGivenUp = low <= last
  return isGivenUp ? { ...found, lost: null } : found
}

/** The first page lists the tables. Without it nothing can be found. */
function checkFirstPage(client: Database.Database): void {
  try {
    client.prepare('select count(*) from sqlite_master').get()
  } catch (error) {
    throw new RunDamaged(
      'run-damaged',
      `Cannot salvage ${client.name} as its first page is damaged, and nothing can be found without ` +
        'it: use a backup of the run, or .recover of the sqlite3 shell',
      { cause: error },
    )
  }
}

/** Makes `target`, a folder with the readable part of the run as its run.db. */
export function salvageRun(folder: string, target: string): Salvaged[] {
  if (existsSync(target))
    throw new UsageError('target-exists', `Cannot salvage to ${target} as it exists`)
  const from = openUnchanged(join(folder, 'run.db'))
  try {
    checkFirstPage(from)
    mkdirSync(target, { recursive: true })
    const { client: to } = openForWriting(join(target, 'run.db'))
    try {
      const copyAll = to.transaction(() =>
        (Object.keys(tables) as TableName[]).map(name => salvageTable(from, to, name)),
      )
      return copyAll()
    } finally {
      to.close()
    }
  } finally {
    from.close()
  }
}
