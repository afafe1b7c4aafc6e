/** Lists of a run with thousands of rollouts: complete, and always with an index. */
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { beforeAll, expect, test } from 'vitest'
import { fill } from '../../bench/store/fill.ts'
import { pageCalls } from '../../bench/store/pages.ts'
import { drizzle } from '../../state/drizzle.ts'
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

test('no query of a page scans a table that grows with the rollouts', () => {
  const asked = new Set<string>()
  const verbose = (sql: unknown) => void asked.add(String(sql))
  const client = new Database(join(home, 'many', 'run.db'), { readonly: true, verbose })
  const calls = pageCalls(createPages(drizzle(client)), count)
  for (const [, call] of calls) call()
  const plain = new Database(join(home, 'many', 'run.db'), { readonly: true })
  const large = /^SCAN (rollouts|executions|grades|tasks|prompts|messages|metrics|update_items)\b/
  // The newest messages are found by a scan from the end, which `limit` ends.
  const isBounded = (sql: string) =>
    / from "messages" .*order by "messages"."seq" desc limit /.test(sql)
  const questions = [...asked].filter(sql => !isBounded(sql))
  const steps = questions.flatMap(sql =>
    plain
      .prepare(`explain query plan ${sql}`)
      .all()
      .map(row => (row as { detail: string }).detail),
  )
  expect(steps.filter(step => large.test(step))).toEqual([])
  expect(steps.filter(step => /^SEARCH (rollouts|tasks)/.test(step)).length).toBeGreaterThan(20)
  expect(asked.size).toBeGreaterThan(calls.length)
  client.close()
  plain.close()
})
