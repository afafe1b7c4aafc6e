/** A model on a suite, killed again and again: committed answers are never requested twice. */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { expect, test, vi } from 'vitest'
import { passAtK } from '../../domain/statistics.ts'
import { committed, nothing } from '../crash/effects.ts'
import { begin, type Session, witnessed } from '../crash/session.ts'
import { temporary } from '../temporary.ts'

vi.setConfig({ testTimeout: 240_000 })

const items = 12
const samples = 4

/** Kills it after a number of completions. Returns whether it was killed. */
async function killAfter(session: Session, witness: string, requests: number): Promise<boolean> {
  const { child } = session
  while (child.exitCode === null && child.signalCode === null) {
    if (witnessed(witness).length >= requests) {
      child.kill('SIGKILL')
      await session.ended
      return true
    }
    await sleep(5)
  }
  return false
}

test('an evaluation that is killed continues where it was, and does nothing twice', async () => {
  const home = temporary('evaluation')
  const args = ['eval', '--suite', 'micro-easy', '--limit', String(items), '--run', 'e']
  const flags = ['--samples', String(samples), '--temperature', '0.8', '--engine.concurrency=2']
  const repeated: number[] = []
  let before = nothing
  let code: number | null = null
  let kills = 0
  for (const requests of [3, 9, Number.POSITIVE_INFINITY]) {
    const witness = join(home, `witness-${kills}.txt`)
    const session = begin([...args, ...flags], home, 'e', witness)
    if (await killAfter(session, witness, requests)) kills += 1
    code = await session.ended
    const seeds = witnessed(witness).flatMap(line => {
      const [word, seed] = line.split(' ')
      return word === 'completion' ? [Number(seed)] : []
    })
    repeated.push(...seeds.filter(seed => before.seeds.has(seed)))
    before = committed(join(home, 'e'))
    if (code === 0) break
  }
  expect(code).toBe(0)
  expect(kills).toBeGreaterThan(0)
  expect(repeated).toEqual([])
  const db = new Database(join(home, 'e', 'run.db'), { readonly: true })
  const one = (sql: string) => db.prepare(sql).pluck().get()
  expect(one('select count(*) from evaluation_items')).toBe(3 * items * samples)
  expect(one('select count(*) from rollouts')).toBe(3 * items * samples)
  expect(one('select count(*) from tasks')).toBe(0)
  db.close()
})

test('a finished evaluation is shown with unbiased pass@k', async () => {
  const home = temporary('passes')
  const { start } = await import('./azr.ts')
  const asked = ['eval', '--suite', 'micro-easy', '--limit', '8', '--run', 'p', '--samples', '4']
  const { code, out, err } = await start([...asked, '--no-serve', '--json'], { home }).ended
  expect(code).toBe(0)
  expect(err).toContain('micro-easy deduction, unbiased: pass@1 ')
  const { evaluations } = JSON.parse(out)
  const db = new Database(join(home, 'p', 'run.db'), { readonly: true })
  const rights = db
    .prepare(
      `select sum(verdict = 'correct') from evaluation_items where kind = 'deduction' group by item`,
    )
    .pluck()
    .all() as number[]
  db.close()
  const mean = rights.reduce((sum, right) => sum + passAtK(samples, right, 2), 0) / rights.length
  const found = evaluations.find((one: { kind: string }) => one.kind === 'deduction')
  expect(found.passAtK['pass@2']).toBeCloseTo(mean, 12)
  expect(Object.keys(found.passAtK)).toEqual(['pass@1', 'pass@2', 'pass@4'])
})
