/** The API's lists, filters, limits, and figures up to a step. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openForWriting } from '../../state/database.ts'
import { dropViews } from '../../state/views.ts'
import { countsOf, makeRun } from '../web/made-run.ts'
import { holdApi } from './hold-api.ts'

const { ask, home } = holdApi()

describe('lists', () => {
  test('walk through all rollouts by cursor, each once', async () => {
    const seen: string[] = []
    let cursor = ''
    do {
      const { body } = await ask(`/api/runs/made/rollouts?limit=2${cursor}`)
      seen.push(...body.items.map((row: { id: string }) => row.id))
      cursor = body.next === null ? '' : `&before=${body.next}`
    } while (cursor)
    expect(seen).toHaveLength(6)
    expect(seen).toEqual([...new Set(seen)].sort().reverse())
  })

  test.each([
    ['rollouts?verdict=correct', 3],
    ['rollouts?kind=abduction&role=solver', 2],
    ['rollouts?role=proposer', 0],
    ['rollouts?step=2', 6],
    ['rollouts?step=1', 0],
    ['rollouts?until=1', 0],
    ['tasks', 3],
    ['tasks?text=100%25_OF', 3],
    ['tasks?text=1000of', 0],
    ['tasks?verdict=refused', 0],
    ['tasks?solved=sometimes', 3],
    ['tasks?solved=always', 0],
    ['rollouts?finish=length', 0],
    ['rollouts?plans=yes&kind=deduction', 1],
    ['rollouts?suite=easy', 0],
  ])('%s finds %i', async (query, count) => {
    expect((await ask(`/api/runs/made/${query}`)).body.items).toHaveLength(count)
  })

  test.each([
    'rollouts?limit=',
    'rollouts?limit=1e1',
    'rollouts?limit=501',
    'tasks?step=',
    'tasks?step=%201',
    'health?until=',
    'steps?after=-2',
  ])('%s is refused: it is not a number, or too large', async query => {
    expect((await ask(`/api/runs/made/${query}`)).status).toBe(400)
  })

  test('health has the counts of sandbox and engine, summed up to a step', async () => {
    const { body } = await ask('/api/runs/made/health')
    expect(body.sandbox).toEqual({ 'outcome.timedOut': 0, restarts: 3, mismatches: 6 })
    const early = (await ask('/api/runs/made/health?until=1')).body.sandbox
    expect(early).toEqual({ 'outcome.timedOut': 0, restarts: 1, mismatches: 2 })
    expect(body.engine).toEqual({ 'prefix.asked': 3000, 'prefix.cached': 1800 })
  })

  test('runs by their status', async () => {
    expect((await ask('/api/runs?status=finished')).body.items).toHaveLength(1)
    expect((await ask('/api/runs?status=running')).body.items).toEqual([])
  })

  test("what a run took of its user's own code, if there was any", async () => {
    expect((await ask('/api/runs/made')).body.corpus).toBe(null)
    const config = { steps: 2, evaluate: { suites: ['easy'] }, propose: { corpus: './mycode' } }
    await makeRun(home, 'coded', '1', undefined, { config })
    const { body } = await ask('/api/runs/coded')
    rmSync(join(home, 'coded'), { recursive: true })
    expect(body.corpus).toEqual(countsOf('./mycode'))
  })

  test('a step by its number, and the state at its end', async () => {
    expect((await ask('/api/runs/made/progress?step=2')).body.work).toHaveLength(3)
    expect((await ask('/api/runs/made/progress?step=1')).body.work).toEqual([])
    const { outcome, lines } = (await ask('/api/runs/made/learning?until=1')).body
    expect(outcome).toMatch(/^After 1 step/)
    expect(lines[0].points).toHaveLength(1)
    expect((await ask('/api/runs/made/behaviour?until=1')).body.manners).toEqual([])
    expect((await ask('/api/runs/made/machines?until=1')).body).toEqual({ items: [], atMs: null })
  })

  test('health of a run without a process: no queue, no hang, no failure', async () => {
    const { body } = await ask('/api/runs/made/health')
    expect(body).toMatchObject({ failure: null, pulse: null, hangs: [], processes: [] })
    expect(body.machine.totalBytes).toBeGreaterThan(0)
  })

  test('Prometheus gets the last score of each suite, and no alarm of a finished run', async () => {
    const text = await (await ask('/metrics')).answer.text()
    const line =
      'azr_heldout_accuracy_ratio{run="made",suite="easy",kind="deduction",mode="greedy"}'
    expect(text.split('\n').filter(one => one.startsWith(line))).toEqual([`${line} 0.5`])
    expect(text).toContain('azr_run_alive{run="made"} 0')
    expect(text).not.toMatch(/azr_health_|azr_queue_/)
  })

  test.each(['run', 'evaluations'])(
    'Prometheus gets the figures of all runs but one without its table %s, which it names',
    async table => {
      const damaged = `without-${table}`
      await makeRun(home, damaged, '1')
      const { client } = openForWriting(join(home, damaged, 'run.db'))
      dropViews(client)
      client.exec(`drop table ${table}`)
      client.close()
      const { answer, status } = await ask('/metrics')
      const text = await answer.text()
      rmSync(join(home, damaged), { recursive: true })
      expect(status).toBe(200)
      expect(text).toContain('azr_run_readable{run="made"} 1')
      expect(text).toContain('azr_run_step{run="made"} 2')
      expect(text.split('\n').filter(line => line.includes(damaged))).toEqual([
        `azr_run_readable{run="${damaged}"} 0`,
      ])
    },
  )

  test('curves end at the requested step', async () => {
    const { body } = await ask('/api/runs/made/metrics?names=learnable.*&until=1')
    expect(body.curves['learnable.deduction']).toEqual([[1, 0.5]])
  })
})
