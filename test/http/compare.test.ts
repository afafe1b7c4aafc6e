/** Compares runs, edits their labels, and plans them, through the API. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { makeRun } from '../web/made-run.ts'
import { holdApi } from './hold-api.ts'

const { ask, home, launched, post } = holdApi()

const patch = (path: string, body: unknown) =>
  ask(path, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

describe('comparing', () => {
  test('shows the knobs, seeds and versions that differ, and no others', async () => {
    const other = { config: { steps: 2, seed: 7 }, versions: { torch: '2.9' }, seed: 7 }
    await makeRun(home, 'other', '1', undefined, other)
    const { status, body } = await ask('/api/compare?runs=made,other')
    expect(status).toBe(200)
    expect(body.runs.map(({ id, seed }: { id: string; seed: number }) => [id, seed])).toEqual([
      ['made', 1],
      ['other', 7],
    ])
    expect(body.knobs.find(({ path }: { path: string }) => path === 'seed').values).toEqual([1, 7])
    expect(body.knobs.map(({ path }: { path: string }) => path)).not.toContain('steps')
    expect(body.versions).toEqual([{ name: 'torch', values: [null, '2.9'] }])
  })

  test('compares two evaluations item by item', async () => {
    const { body } = await ask('/api/compare/evaluations?before=made@0&after=made@2')
    expect(body.before).toMatchObject({ id: 'made', step: 0 })
    expect(body.suites).toHaveLength(3)
    expect(body.suites[0]).toMatchObject({ items: 40, before: 0.25, after: 0.5, difference: 0.25 })
    expect(body.suites[0].gained).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19])
  })

  test.each([
    ['compare?runs=made,nobody', 404],
    ['compare?runs=../etc', 400],
    ['compare/evaluations?before=made@1&after=made@2', 404],
    ['compare/evaluations?before=made@x&after=made', 400],
    ['compare/evaluations?before=made@&after=made', 400],
  ])('%s is refused with %i', async (path, status) => {
    expect((await ask(`/api/${path}`)).status).toBe(status)
  })

  test('says in the words of the command line what a place is, and which steps there are', async () => {
    const detailOf = async (before: string) =>
      (await ask(`/api/compare/evaluations?before=${before}&after=made`)).body.detail
    expect(await detailOf('made@x')).toMatch(/a run is named RUN, RUN@STEP or RUN@best/)
    expect(await detailOf('made@1')).toBe(
      'Cannot compare made@1 as it has no finished evaluation there; its steps are 0, 2',
    )
  })

  test('standings have the score of each suite, and the size', async () => {
    const { body } = await ask('/api/standings')
    const made = body.items.find(({ id }: { id: string }) => id === 'made')
    expect(made.scores).toEqual([
      {
        suite: 'easy',
        mode: 'greedy',
        points: [
          [0, 0.25],
          [2, 0.5],
        ],
      },
    ])
    expect(made.bytes).toBeGreaterThan(10_000)
  })
})

describe('labels', () => {
  test('a title, tags and notes are stored next to the run, and change separately', async () => {
    await makeRun(home, 'labelled', '1')
    const path = '/api/runs/labelled'
    expect((await patch(path, { title: ' The good one ', tags: ['a', 'b', 'a'] })).status).toBe(200)
    const { body } = await patch(path, { notes: '<b>why</b>' })
    const labels = { title: 'The good one', tags: ['a', 'b'], notes: '<b>why</b>' }
    expect(body).toEqual(labels)
    expect((await ask(path)).body.labels).toEqual(labels)
    expect(JSON.parse(readFileSync(join(home, 'labelled', 'labels.json'), 'utf8'))).toEqual(labels)
    expect((await patch(path, { title: null })).body.title).toBe(null)
  })

  test.each([
    [{ tags: ['two words'] }, 422],
    [{ title: 'x'.repeat(101) }, 422],
    [{ name: 'x' }, 422],
  ])('%j is refused, and changes nothing', async (body, status) => {
    const before = (await ask('/api/runs/labelled')).body.labels
    expect((await patch('/api/runs/labelled', body)).status).toBe(status)
    expect((await ask('/api/runs/labelled')).body.labels).toEqual(before)
  })

  test('another page, or a form on one, writes nothing', async () => {
    const init = { method: 'PATCH', body: '{"notes":"x"}' }
    const plain = { 'content-type': 'text/plain' }
    expect((await ask('/api/runs/made', { ...init, headers: plain })).status).toBe(415)
    const foreign = { 'content-type': 'application/json', origin: 'https://elsewhere.example' }
    expect((await ask('/api/runs/made', { ...init, headers: foreign })).status).toBe(403)
    expect((await ask('/api/runs/made')).body.labels.notes).toBe('')
  })
})

describe('planning and evaluating', () => {
  test('a plan says what a preset needs, and its command line', async () => {
    const { status, body } = await post('/api/plan', { preset: 'micro', knobs: { steps: 7 } })
    expect(status).toBe(200)
    expect(body).toMatchObject({ fits: true, device: 'cpu', refusals: [] })
    expect(body.memory.peak).toBeGreaterThan(1e6)
    expect(body.command).toBe('azr train micro --steps=7')
  })

  test.each([
    [{ preset: 'micro', knobs: { steps: 'many' } }, 422, /steps/],
    [{ preset: 'micro', knobs: { 'no.such': 1 } }, 422, /there is no knob no;/],
    [{ preset: 'nowhere', knobs: {} }, 404, /There is no preset nowhere/],
    [{ run: 'nobody', knobs: {} }, 404, /Cannot find run nobody/],
  ])('a plan of %j is refused with %i', async (body, status, reason) => {
    const answer = await post('/api/plan', body)
    expect([answer.status, answer.body.detail]).toEqual([status, expect.stringMatching(reason)])
  })

  test('a run is scored in a separate process', async () => {
    const order = { at: 2, suites: ['micro-easy'], items: 5, run: 'scored' }
    const { status, body } = await post('/api/runs/made/evaluate', order)
    expect([status, body]).toEqual([201, { id: 'scored', pid: 4711 }])
    const words = 'eval --model made@2 --suite micro-easy --run scored --items 5'
    expect(launched.at(-1)).toEqual(words.split(' '))
    expect((await post('/api/runs/made/evaluate', { suites: ['--out=x'] })).status).toBe(422)
  })

  test('a run is resumed with more steps, and a running one is not changed', async () => {
    const { status } = await post('/api/runs/made/resume', { knobs: { steps: 50 } })
    expect([status, launched.at(-1)]).toEqual([202, ['resume', 'made', '--steps=50']])
  })

  test('a run shows the command line that repeats it', async () => {
    const { steps: _, ...config } = loadConfig('smoke')
    await makeRun(home, 'told', '1', undefined, { config: { ...config, steps: 9 } })
    expect((await ask('/api/runs/told')).body.command).toBe('azr train smoke --steps=9')
  })
})
