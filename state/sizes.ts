/** Measures the disk usage of a run. */
import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { openUnchanged, versionOf } from './database.ts'

/** Bytes of a folder's files. A file that disappears meanwhile counts as 0. */
export function sizeOf(path: string): number {
  try {
    const found = lstatSync(path)
    if (!found.isDirectory()) return found.size
    return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0)
  } catch {
    return 0
  }
}

export type TableSize = { table: string; rows: number; bytes: number }
export type RunInfo = {
  version: number
  newest: number
  pageBytes: number
  bytes: { database: number; checkpoints: number; policies: number; logs: number }
  checkpoints: { step: number; bytes: number }[]
  tables: TableSize[]
}

/** Tables with their indexes, largest first. It reads the whole file. */
export function infoOf(folder: string): RunInfo {
  const client = openUnchanged(join(folder, 'run.db'))
  try {
    const names = `select name from sqlite_master where type = 'table' and name not like 'sqlite_%'`
    const sizes = client.prepare(
      `select tbl_name, sum(pgsize) as bytes from dbstat join sqlite_master using (name)
       group by tbl_name`,
    )
    const bytes = new Map(
      (sizes.raw().all() as [string, number][]).map(([name, size]) => [name, size]),
    )
    const tables = (client.prepare(names).pluck().all() as string[]).map(table => ({
      table,
      rows: client.prepare(`select count(*) from "${table}"`).pluck().get() as number,
      bytes: bytes.get(table) ?? 0,
    }))
    const saved = client.prepare('select step, path from checkpoints order by step').all()
    const database = ['run.db', 'run.db-wal', 'run.db-shm'].map(name => sizeOf(join(folder, name)))
    return {
      ...versionOf(client),
      pageBytes: client.pragma('page_size', { simple: true }) as number,
      bytes: {
        database: database.reduce((sum, size) => sum + size, 0),
        checkpoints: sizeOf(join(folder, 'checkpoints')),
        policies: sizeOf(join(folder, 'policies')),
        logs: sizeOf(join(folder, 'logs')),
      },
      checkpoints: (saved as { step: number; path: string }[])
        .map(({ step, path }) => ({ step, bytes: sizeOf(join(folder, path)) }))
        .filter(({ bytes: size }) => size > 0),
      tables: tables.sort((a, b) => b.bytes - a.bytes),
    }
  } finally {
    client.close()
  }
}
