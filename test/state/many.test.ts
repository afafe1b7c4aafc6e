/** Lists of a run with thousands of rollouts: complete, and always with an index. */
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { beforeAll, expect, test } from 'vitest'
import { fill } from '../../bench/store/fill.ts'
import { pageCalls } from '../../bench/store/pages.ts'
import { drizzle } from '../../state/drizzle.ts'
import { createReader } from '../../state/reader.ts'
import { createPages } from '../../state/reader-pages.ts'
import { temporary } from '../temporary.ts'
import { walk } from './walk.ts'

const home = temporary('many')

const count = 2400
beforeAll(() => fill(home, 'many', count))

test('a search without a match in its window continues after it, to the end', () => {
  const client = new Database(join(home, 'many', 'run.db'), { readonly: true })
  const many = createPages(drizzle(client))
  const nowhere = (before?: string) =>
    many.rollouts({ text: 'nowhere', limit: 10, ...(before ? { before } : {}) })
  expect(nowhere()).toEqual({ items: [], next: expect.any(String) })
  expect(walk(nowhere)).toEqual([])
  client.close()
})

/** The tables that grow with the rollouts. */
const large =
  'rollouts|executions|grades|tasks|prompts|messages|metrics|update_items|evaluation_items'
const scan = new RegExp(`^SCAN (${large})\\b`)
/** A search by a column of few values reads a large share of the table. */
const vague = new RegExp(
  `^SEARCH (${large}) .*\\((role|kind|verdict|purpose)=\\?( AND (role|kind|verdict|purpose)=\\?)*\\)$`,
)

/** Whether the order comes from an index, so that `limit` ends the reading. */
function isBounded(sql: string, plan: string[]): boolean {
  const sorts = plan.filter(step => /^USE TEMP B-TREE/.test(step))
  // Rows of equal value are sorted among themselves; a step's rows are few.
  const isOrdered = sorts.every(step => step === 'USE TEMP B-TREE FOR LAST TERM OF ORDER BY')
  return isOrdered && / limit [\d.]+\s*$/.test(sql) && /order by/.test(sql)
}

/** The steps of SQLite's plan for each query that `call` makes of the run's database. */
function plansOf(call: (client: Database.Database) => void): { sql: string; plan: string[] }[] {
  const path = join(home, 'many', 'run.db')
  const asked = new Set<string>()
  const client = new Database(path, {
    readonly: true,
    verbose: sql => void asked.add(String(sql)),
  })
  call(client)
  client.close()
  const plain = new Database(path, { readonly: true })
  const planOf = (sql: string) => {
    const steps = plain.prepare(`explain query plan ${sql}`).all()
    return (steps as { detail: string }[]).map(({ detail }) => detail)
  }
  const plans = [...asked].map(sql => ({ sql, plan: planOf(sql) }))
  plain.close()
  return plans
}
const isSlow = (step: string) => scan.test(step) || vague.test(step)

test('no query of every step reads a table that grows with the rollouts as a whole', () => {
  const plans = plansOf(client => {
    const reader = createReader(drizzle(client))
    const hashes = reader.buffer('deduction', 3, 30).map(({ hash }) => hash)
    for (const size of [1, 5, 30]) {
      const wanted = hashes.slice(0, size)
      const found = reader.tasksByHash(wanted).map(({ hash }) => hash)
      expect(new Set(found)).toEqual(new Set(wanted))
    }
    reader.promptIds(hashes)
    reader.stepRows(3)
    reader.attempted(3)
    reader.update(3)
    reader.recallable('deduction', 3, 0, 8)
    reader.commandsAfter(0)
  })
  expect(plans.length).toBeGreaterThan(10)
  expect(plans.filter(({ sql, plan }) => plan.some(isSlow) && !isBounded(sql, plan))).toEqual([])
})

test('no query of a page reads a table that grows with the rollouts as a whole', () => {
  const called = new Set<string>()
  let missed: string[] = []
  const plans = plansOf(client => {
    const pages = createPages(drizzle(client))
    const watched = new Proxy(pages, {
      get(all, name: keyof typeof pages) {
        called.add(name)
        return all[name]
      },
    })
    for (const [, call] of pageCalls(watched, count)) call()
    missed = Object.keys(pages).filter(name => !called.has(name))
  })
  expect(missed).toEqual([])
  const slow = plans.filter(({ sql, plan }) => plan.some(isSlow) && !isBounded(sql, plan))
  expect(slow).toEqual([])
  const indexed = plans.flatMap(({ plan }) => plan).filter(step => /^SEARCH/.test(step))
  expect(indexed.length).toBeGreaterThan(50)
})
