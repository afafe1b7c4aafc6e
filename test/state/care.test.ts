/** Accidents to a run's files: changed bytes, backups during a run, deaths of owners. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { beforeAll, describe, expect, test } from 'vitest'
import { rolloutRow } from '../../bench/store/rows.ts'
import { stream } from '../../domain/rng.ts'
import { backupRun } from '../../state/backup.ts'
import { checkRun } from '../../state/check.ts'
import { openForWriting } from '../../state/database.ts'
import { openRun } from '../../state/open.ts'
import { salvageRun } from '../../state/salvage.ts'
import type { NewRow, Write } from '../../state/types.ts'
import { temporary } from '../temporary.ts'

const runRow: NewRow<'run'> = {
  name: 'one',
  preset: 'micro',
  seed: 1,
  config: {},
  versions: {},
  created_at_ms: 0,
}
const stepRow = (step: number): Write => ({
  table: 'steps',
  row: {
    step,
    policy_version: step,
    proposals: 0,
    accepted: 0,
    rollouts: 0,
    executions: 0,
    trained: 0,
    wall_ms: 1,
    rolling_ms: 0,
    learner_ms: 0,
    evaluate_ms: 0,
    own_cpu_ms: 0,
  },
})
const rowsOf = (step: number, count: number): Write[] =>
  Array.from({ length: count }, (_, i) => {
    const row = { ...rolloutRow(step * 600 + i), text: `text ${step} ${i}` }
    return { table: 'rollouts', row } as Write
  })

let home: string
let folder: string
beforeAll(async () => {
  home = temporary('care')
  folder = join(home, 'one')
  const { store, release } = await openRun(home, 'one', runRow)
  for (const step of [0, 1, 2]) await store.write([...rowsOf(step, 60), stepRow(step)])
  await release()
})

const all = (path: string, table = 'rollouts') => {
  const client = new Database(path, { readonly: true })
  try {
    return JSON.stringify(client.prepare(`select * from ${table} order by id`).raw().all())
  } finally {
    client.close()
  }
}

describe('changed bytes', () => {
  test('an undamaged run has no findings', async () => {
    const { findings, steps, rows } = await checkRun(folder)
    expect({ findings, steps, rows }).toEqual({ findings: [], steps: 3, rows: 180 })
  })

  test('a byte that changes a row is always found, with its place', async () => {
    const whole = all(join(folder, 'run.db'))
    const bytes = readFileSync(join(folder, 'run.db'))
    const rng = stream(1, 'flips')
    const bad = join(home, 'flipped')
    let changed = 0
    for (let i = 0; i < 60; i++) {
      mkdirSync(bad, { recursive: true })
      const copy = Buffer.from(bytes)
      const at = rng.int(copy.length)
      copy[at] = (copy[at] as number) ^ (1 << rng.int(8))
      writeFileSync(join(bad, 'run.db'), copy)
      let isSame = false
      try {
        isSame = all(join(bad, 'run.db')) === whole
      } catch {
        // The file cannot even be read.
      }
      const { findings } = await checkRun(bad)
      if (!isSame) {
        changed += 1
        expect(findings.length, `byte ${at}`).toBeGreaterThan(0)
        expect(findings[0]?.where).toMatch(/rollouts|run\.db|digests|prompts|task/)
      }
      rmSync(bad, { recursive: true })
    }
    expect(changed).toBeGreaterThan(10)
  })

  test('a torn page that leads to many: the rows behind it are saved, the lost ones are counted', () => {
    const bad = join(home, 'deep')
    mkdirSync(bad)
    const path = join(bad, 'run.db')
    const { client } = openForWriting(path)
    client.exec(
      `with n (i) as (select 1 union all select i + 1 from n where i < 60000)
       insert into messages (at_ms, sender, receiver, type, body)
       select i, 's', 'r', 't', json_object('text', printf('%.300c', 'x')) from n`,
    )
    client.close()
    const reader = new Database(path)
    const sql = "select pageno from dbstat where name = 'messages' and pagetype = 'internal'"
    // The root comes first, then pages that lead to leaves.
    const [root, , torn] = reader.prepare(`${sql} order by path`).pluck().all() as number[]
    expect(root).toBeDefined()
    reader.close()
    const bytes = readFileSync(path)
    writeFileSync(path, bytes.fill(0xff, ((torn as number) - 1) * 8192, (torn as number) * 8192))
    const saved = salvageRun(bad, join(home, 'saved-deep'))
    const { rows = 0, lost = 0 } = saved.find(({ table }) => table === 'messages') ?? {}
    expect(lost).toBeGreaterThan(8 * 1024)
    expect(rows + (lost ?? 0)).toBe(60000)
    const back = new Database(join(home, 'saved-deep', 'run.db'))
    expect(back.prepare('select max(at_ms) from messages').pluck().get()).toBe(60000)
    back.close()
  })

  test('torn pages: readable rows are saved, lost ones are counted', async () => {
    const bad = join(home, 'torn')
    cpSync(folder, bad, { recursive: true })
    const client = new Database(join(bad, 'run.db'))
    const sql = "select pageno from dbstat where name = 'rollouts' and pagetype = 'leaf'"
    const pages = client.prepare(sql).pluck().all() as number[]
    client.close()
    const bytes = readFileSync(join(bad, 'run.db'))
    bytes.fill(0xff, (pages[2] as number) * 8192 - 8192, (pages[2] as number) * 8192)
    writeFileSync(join(bad, 'run.db'), bytes)
    const { findings } = await checkRun(bad)
    expect(findings.map(({ where }) => where).join()).toContain('rollouts')
    const saved = salvageRun(bad, join(home, 'saved'))
    const { rows = 0, lost = 0 } = saved.find(({ table }) => table === 'rollouts') ?? {}
    expect(rows).toBeGreaterThan(150)
    expect(lost).toBeGreaterThan(0)
    expect(rows + (lost ?? 0)).toBe(180)
    expect(saved.find(({ table }) => table === 'steps')).toEqual({
      table: 'steps',
      rows: 3,
      lost: 0,
    })
  })
})

describe('backup', () => {
  test('of a run in progress has only finished steps, with all their rows', async () => {
    const { store, release } = await openRun(home, 'one')
    mkdirSync(join(folder, 'checkpoints', '000002-1'))
    writeFileSync(join(folder, 'checkpoints', '000002-1', 'checkpoint.json'), '{}')
    const row = { step: 2, path: 'checkpoints/000002-1', weights_hash: 'w' }
    await store.write([{ table: 'checkpoints', row }])
    let isOver = false
    const writing = (async () => {
      for (let step = 3; !isOver; step++) await store.write([...rowsOf(step, 20), stepRow(step)])
    })()
    const target = join(home, 'copy')
    expect(backupRun(folder, target)).toBe(1)
    isOver = true
    await writing
    await release()
    const { findings, steps } = await checkRun(target)
    expect(findings).toEqual([])
    expect(steps).toBeGreaterThanOrEqual(3)
    expect(() => backupRun(folder, target)).toThrow(/as it exists/)
    const again = await openRun(home, 'copy')
    await again.release()
  })

  test('leaves nothing behind if it fails', () => {
    const [bad, place] = [join(home, 'unreadable'), join(home, 'backups')]
    cpSync(folder, bad, { recursive: true })
    const bytes = readFileSync(join(bad, 'run.db'))
    writeFileSync(join(bad, 'run.db'), bytes.fill(0xff, 4 * 8192))
    mkdirSync(place)
    expect(() => backupRun(bad, join(place, 'copy'))).toThrow(/malformed/)
    expect(readdirSync(place)).toEqual([])
  })
})

describe('ownership right after kill -9', () => {
  test('the next owner is named at once, never the dead one', async () => {
    const hold = async () => {
      const args = ['test/state/hold.ts', home, 'null']
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
      await once(child.stdout, 'data')
      return child
    }
    const first = await hold()
    first.kill('SIGKILL')
    const second = await hold()
    await expect(openRun(home, 'one')).rejects.toThrow(`process ${second.pid} is working`)
    second.kill('SIGKILL')
    await once(second, 'exit')
    const { release } = await openRun(home, 'one')
    await release()
  })
})
