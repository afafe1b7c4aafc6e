/** The mechanism of migrations, on a schema made for this test: forward only. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { beforeEach, expect, test } from 'vitest'
import { openForReading, openForWriting } from '../../state/database.ts'
import { bringUpToDate, migrationsIn, versionIn } from '../../state/migrate.ts'
import { views } from '../../state/views.ts'
import { temporary } from '../temporary.ts'

const steps = [
  {
    tag: '0000_notes',
    sql: 'CREATE TABLE `notes` (`id` integer PRIMARY KEY, `text` text NOT NULL);',
  },
  { tag: '0001_length', sql: 'ALTER TABLE `notes` ADD `length` integer DEFAULT 0 NOT NULL;' },
]

let home: string
beforeEach(() => {
  home = temporary('versions')
})

/** A folder of migrations as drizzle-kit writes it, with the first `count` of them. */
function migrationsUpTo(count: number): string {
  const folder = join(home, `migrations-${count}`)
  mkdirSync(join(folder, 'meta'), { recursive: true })
  const entries = steps.slice(0, count).map(({ tag, sql }, idx) => {
    writeFileSync(join(folder, `${tag}.sql`), sql)
    return { idx, version: '6', when: 1000 + idx, tag, breakpoints: true }
  })
  const journal = { version: '7', dialect: 'sqlite', entries }
  writeFileSync(join(folder, 'meta', '_journal.json'), JSON.stringify(journal))
  return folder
}

test('a database of an older version is brought up to date when it is read', () => {
  const path = join(home, 'notes.db')
  const { client: old } = openForWriting(path, migrationsIn(migrationsUpTo(1)))
  old.exec("insert into notes (text) values ('kept')")
  old.close()
  const newest = migrationsIn(migrationsUpTo(2))
  const { client } = openForReading(path, newest)
  expect(client.readonly).toBe(true)
  expect(versionIn(client, newest)).toEqual({ version: 2, newest: 2 })
  expect(client.prepare('select * from notes').all()).toEqual([{ id: 1, text: 'kept', length: 0 }])
  const made = client.prepare("select count(*) from sqlite_master where type = 'view'").pluck()
  expect(made.get()).toBe(Object.keys(views).length)
  client.close()
})

test('a database without any version is brought to the newest', () => {
  const client = new Database(':memory:')
  const newest = migrationsIn(migrationsUpTo(2))
  expect(versionIn(client, newest)).toEqual({ version: 0, newest: 2 })
  bringUpToDate(client, newest)
  bringUpToDate(client, newest)
  expect(versionIn(client, newest)).toEqual({ version: 2, newest: 2 })
  client.close()
})

test('a database of a newer azr is refused in one line, and is not changed', () => {
  const path = join(home, 'run.db')
  openForWriting(path).client.close()
  const client = new Database(path)
  client.prepare('insert into __drizzle_migrations (hash, created_at) values (?, ?)').run('x', 9e15)
  client.pragma('wal_checkpoint(TRUNCATE)')
  client.close()
  const before = readFileSync(path)
  expect(() => openForReading(path)).toThrow(/a newer version of azr wrote it: use that version/)
  expect(() => openForWriting(path)).toThrow(/a newer version of azr wrote it: use that version/)
  expect(readFileSync(path).equals(before)).toBe(true)
})
