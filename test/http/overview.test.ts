/** The overview of a run: the verdict, the game, the axes of curves, the colours. */
import { describe, expect, test } from 'vitest'
import { holdApi } from './hold-api.ts'

const { ask } = holdApi()

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
    expect(body.suites[0].change).toMatchObject({ from: 0.25, to: 0.5, items: 120 })
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
