/** The stored run, unpacked into a folder that a test may change. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import Database from 'better-sqlite3'
import { temporary } from '../../temporary.ts'

export const packed = readFileSync(
  join(import.meta.dirname, '..', '..', 'fixtures', 'stored-run', 'run.db.gz'),
)

export const makeHome = () => temporary('stored')

/** Unpacks a stored run below a home and runs some SQL on it. Returns its folder. */
export function unpack(home: string, name: string, change = ''): string {
  const folder = join(home, name)
  mkdirSync(folder, { recursive: true })
  const path = join(folder, 'run.db')
  writeFileSync(path, gunzipSync(packed))
  const client = new Database(path)
  client.exec(change)
  client.close()
  return folder
}

export function query(folder: string, sql: string): unknown[] {
  const client = new Database(join(folder, 'run.db'), { readonly: true })
  const rows = client.prepare(sql).all()
  client.close()
  return rows
}
