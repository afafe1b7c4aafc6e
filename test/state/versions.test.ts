/** Databases of every version that there was: brought forward, never back. */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { beforeEach, expect, test } from 'vitest'
import { openForReading, openForWriting, versionOf } from '../../state/database.ts'
import { createReader } from '../../state/reader.ts'
import { createPages } from '../../state/reader-pages.ts'
import { temporary } from '../temporary.ts'

const fixtures = join(import.meta.dirname, '..', 'fixtures', 'schema')
const migrations = join(import.meta.dirname, '..', '..', 'state', 'migrations')
const versions = readdirSync(migrations)
  .filter(name => name.endsWith('.sql'))
  .map((_, i) => i + 1)

let path: string
beforeEach(() => {
  const folder = temporary('versions')
  mkdirSync(join(folder, 'one'))
  path = join(folder, 'one', 'run.db')
})

function restore(version: number): Map<string, unknown[]> {
  const client = new Database(path)
  client.exec(readFileSync(join(fixtures, `${version}.sql`), 'utf8'))
  const names = client.prepare("select name from sqlite_master where type = 'table'").pluck().all()
  const facts = (names as string[]).filter(name => !/^(sqlite|__drizzle)/.test(name))
  const rows = facts.map(
    name => [name, client.prepare(`select * from "${name}"`).all()] as [string, unknown[]],
  )
  client.close()
  return new Map(rows)
}

test.each(versions)(
  'version %i: keeps every row, and everything that reads can read it',
  version => {
    const before = restore(version)
    const { client, db } = openForReading(path)
    expect(versionOf(client)).toEqual({ version: versions.length, newest: versions.length })
    for (const [name, rows] of before) {
      expect(client.prepare(`select * from "${name}"`).all(), name).toMatchObject(rows)
    }
    expect(before.get('rollouts')?.length).toBeGreaterThan(0)
    const reader = createReader(db)
    const [rollout] = reader.stepRows(0).rollouts
    expect(rollout?.ids.length).toBe(rollout?.logprobs.length)
    expect(rollout?.ids.length).toBeGreaterThan(4)
    expect(reader.run()?.config).toHaveProperty('steps')
    const pages = createPages(db)
    expect(pages.rollout(rollout?.id as string)?.ids.length).toBeGreaterThan(1)
    expect(pages.tasks({ limit: 9 }).items.length).toBeGreaterThan(0)
    expect(() => [
      pages.heldOut(),
      pages.outcome(),
      pages.machines(),
      pages.metrics([]),
    ]).not.toThrow()
    client.close()
  },
)

test('a database of a newer azr is refused in one line, and nothing is changed', () => {
  openForWriting(path).client.close()
  const client = new Database(path)
  client.prepare('insert into __drizzle_migrations (hash, created_at) values (?, ?)').run('x', 9e15)
  client.pragma('wal_checkpoint(TRUNCATE)')
  client.close()
  const before = readFileSync(path)
  expect(() => openForReading(path)).toThrow(/a newer azr has written it: use that one/)
  expect(() => openForWriting(path)).toThrow(/a newer azr has written it: use that one/)
  expect(readFileSync(path).equals(before)).toBe(true)
})
