/** The overview of a run: the verdict, the game, the axes of curves, the colours. */
import { describe, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { openRun } from '../../state/open.ts'
import type { Write } from '../../state/types.ts'
import { finishedStep } from '../web/made-run.ts'
import { holdApi } from './hold-api.ts'

const { ask, home } = holdApi()

/** Three of four steps are done; two items of a suite are due by the base and the trained model. */
async function makeUnfinished(answered: number): Promise<void> {
  const name = `answered-${answered}`
  const config = { ...loadConfig('smoke'), steps: 4 }
  const evaluate = {
    ...config.evaluate,
    suites: ['s'],
    modes: ['greedy'],
    items: null,
    start: true,
  }
  const { store, release } = await openRun(home, name, {
    name,
    preset: 'smoke',
    seed: 1,
    versions: {},
    created_at_ms: 1,
    config: { ...config, evaluate: { ...evaluate, between: { ...evaluate.between, suites: [] } } },
  })
  const item = { suite: 's', kind: 'deduction', program: '', pairs: [], hash: 'h' }
  const times = { wall_ms: 1000, rolling_ms: 600, evaluate_ms: 0, learner_ms: 400 }
  const steps = [0, 1, 2, 3].flatMap(finishedStep)
  // Ten answers at step 0 took a minute: mostly to begin and to end.
  const scored = { suite: 's', step: 0, made_in: 0, kind: 'deduction', mode: 'greedy' as const }
  const counts = { items: 10, samples: 1, correct: 1, passed: 1, scratched: 0, cut: 0 }
  await store.write([
    ...steps.map((write, step) => {
      const evaluate_ms = step === 0 ? 60_000 : 0
      return { ...write, row: { ...write.row, ...times, evaluate_ms } } as Write
    }),
    ...[0, 1].map((n): Write => ({ table: 'suite_items', row: { ...item, item: n, id: `${n}` } })),
    { table: 'evaluations', row: { ...scored, ...counts, accuracy: 0.1, deviation: 0 } },
    ...Array.from({ length: answered }, (_, n): Write => {
      const id = `000004.evaluate.s:deduction.${n}`
      const row = { ...scored, id, item: n, step: 4, made_in: 4, verdict: 'correct' as const }
      return { table: 'evaluation_items', row: { ...row, input_hash: 'h', scratch: false } }
    }),
  ])
  await release()
}

describe('the overview', () => {
  test('the verdict gives the results of the suites, in words and as figures', async () => {
    const { body } = await ask('/api/runs/made/overview')
    expect(body.verdict).toEqual({
      state: 'rising',
      title: 'Rising',
      why: [expect.stringMatching(/^easy greedy rose from 25.0% to 50.0%, \+25.0 points \[/)],
    })
    expect(body.suites).toHaveLength(1)
    expect(body.suites[0]).toMatchObject({ suite: 'easy', mode: 'greedy', items: 120 })
    expect(body.suites[0].change).toMatchObject({ before: 0.25, after: 0.5, items: 120 })
    expect(body).toMatchObject({ headlines: ['easy'], leftMs: 0 })
  })

  test('the slider shows an earlier state', async () => {
    const { body } = await ask('/api/runs/made/overview?until=1')
    expect(body.verdict.state).toBe('early')
    expect(body.suites[0].points).toHaveLength(1)
  })

  test('the game shows the newest task with its answers and its reward', async () => {
    const { body } = await ask('/api/runs/made/game')
    expect(body.recent.map(({ kind }: { kind: string }) => kind)).toEqual([
      'induction',
      'abduction',
      'deduction',
    ])
    expect(body.stage).toMatchObject({
      hash: 'hash-induction',
      verdict: 'accepted',
      successRate: 0.5,
      reward: 0,
      verdicts: ['correct', 'wrong'],
    })
    expect(body.stage.answers).toHaveLength(2)
  })

  test('the game shows a requested task, and nothing before the first', async () => {
    const id = '000002.propose.deduction.0000.0'
    const { body } = await ask(`/api/runs/made/game?task=${id}`)
    expect(body.stage).toMatchObject({ id, kind: 'deduction' })
    const before = await ask('/api/runs/made/game?until=1')
    expect(before.body).toEqual({ stage: null, recent: [] })
  })

  test('the time left counts held-out answers at the pace of self-play where that is faster', async () => {
    await makeUnfinished(0)
    const { body } = await ask('/api/runs/answered-0/overview')
    // A step of a second, and four answers of 600 ms / 12.
    expect([body.stepMs, body.leftMs]).toEqual([1000, 1000 + 4 * 50])
  })

  test('the clock adds up the time of the steps', async () => {
    const { body } = await ask('/api/runs/made/clock')
    expect(body.step).toEqual([0, 1, 2])
    expect(body.time).toEqual([0.001, 0.002, 0.003])
    // Three proposals each, and the answers of step 2.
    expect(body.samples).toEqual([3, 6, 15])
  })

  test('each colour has a name, a meaning and two shades', async () => {
    const { body } = await ask('/api/palette')
    expect(body.items).toContainEqual({
      name: 'solver',
      means: 'the solver',
      light: '#0b6b7e',
      dark: '#4fc3d4',
    })
  })
})
