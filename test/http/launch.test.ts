/** Runs that are begun, forked and resumed through the API; no process is started here. */
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openForWriting } from '../../state/database.ts'
import { describeRun, openRun } from '../../state/open.ts'
import { makeRun } from '../web/made-run.ts'
import { holdApi } from './hold-api.ts'

const { home, launched, begun, ask, post, whileStarting } = holdApi()

describe('beginning and resuming', () => {
  test('a run is begun in a separate process, with its knobs', async () => {
    const knobs = { steps: 3, 'solve.batch': 8 }
    const { status, body } = await post('/api/runs', { preset: 'smoke', run: 'mine', knobs })
    expect([status, body]).toEqual([201, { id: 'mine', pid: 4711 }])
    expect(launched.at(-1)).toEqual([
      'train',
      'smoke',
      '--run',
      'mine',
      '--steps=3',
      '--solve.batch=8',
    ])
  })

  test('a run that is being created has not begun, is not listed, and breaks nothing', async () => {
    const make = async () => {
      mkdirSync(join(home, 'half'))
      openForWriting(join(home, 'half', 'run.db')).client.close()
    }
    const begin = () => post('/api/runs', { preset: 'smoke', run: 'half' })
    expect((await whileStarting(make, begin)).status).toBe(201)
    expect(begun.at(-1)).toBe(false)
    for (const path of ['', '/health', '/events']) {
      expect((await ask(`/api/runs/half${path}`)).status, path).toBe(404)
    }
    const names = (await ask('/api/runs')).body.items.map(({ id }: { id: string }) => id)
    expect(names).not.toContain('half')
    rmSync(join(home, 'half'), { recursive: true })
  })

  test('a taken name is refused, and no other run begins', async () => {
    const before = launched.length
    const { status, body } = await post('/api/runs', { preset: 'smoke', run: 'made' })
    expect([status, body.detail]).toEqual([
      409,
      'Cannot begin run made as it exists: choose another name',
    ])
    expect((await post('/api/runs/made/fork', { at: 1, run: 'made' })).status).toBe(409)
    expect(launched).toHaveLength(before)
  })

  test('a run whose name another process took meanwhile has not begun', async () => {
    let release = async () => {}
    const take = async () => {
      await makeRun(home, 'taken', '1')
      release = (await openRun(home, 'taken')).release
    }
    await whileStarting(take, () => post('/api/runs', { preset: 'smoke', run: 'taken' }))
    expect(describeRun(home, 'taken').alive).toBe(true)
    expect(begun.at(-1)).toBe(false)
    await release()
    rmSync(join(home, 'taken'), { recursive: true })
  })

  test('a run is forked at a step, with other settings', async () => {
    const { status, body } = await post('/api/runs/made/fork', { at: 1, knobs: { steps: 9 } })
    expect([status, body]).toEqual([201, { id: 'made-at-1', pid: 4711 }])
    expect(launched.at(-1)).toEqual([
      'fork',
      'made',
      '--at',
      '1',
      '--run',
      'made-at-1',
      '--steps=9',
    ])
    expect((await post('/api/runs/nobody/fork', { at: 1 })).status).toBe(404)
    expect((await post('/api/runs/made/fork', { at: '1' })).status).toBe(422)
  })

  test('a run without a process is resumed by a new one', async () => {
    expect((await ask('/api/runs/made/resume', { method: 'POST' })).status).toBe(202)
    expect(launched.at(-1)).toEqual(['resume', 'made'])
  })

  test.each([
    [{ preset: 'broken' }, 409],
    [{ preset: '../../etc/passwd' }, 422],
    [{ preset: 'smoke', run: '../up' }, 422],
    [{ preset: 'smoke', knobs: { '-x': 1 } }, 422],
    [{ preset: 'smoke', else: 1 }, 422],
    ['{', 400],
    [`"${'x'.repeat(70_000)}"`, 413],
  ])('%j is refused with %i', async (body, status) => {
    const before = launched.length
    const answer = await post('/api/runs', body)
    expect(answer.status).toBe(status)
    expect(answer.type).toContain('application/problem+json')
    if (status !== 409) expect(launched).toHaveLength(before)
  })
})
