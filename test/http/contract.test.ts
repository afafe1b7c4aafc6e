/** The contract: every route is described, every figure has one type, machines are drawn. */
import { describe, expect, test } from 'vitest'
import { holdApi } from './hold-api.ts'

const { ask } = holdApi()

describe('the contract', () => {
  test('every route of the design is described, and nothing is described that is not there', async () => {
    const { body } = await ask('/openapi.json')
    const run = '/api/runs/{id}'
    const lists = ['steps', 'tasks', 'tasks/{task}', 'rollouts/{rollout}', 'metrics', 'evaluations']
    const verbs = ['pause', 'resume', 'stop', 'fork']
    const more = ['machines', 'events', ...lists, ...verbs].map(name => `${run}/${name}`)
    for (const path of ['/api/runs', run, ...more, '/healthz', '/readyz', '/metrics']) {
      expect(body.paths).toHaveProperty([path])
    }
    for (const path of Object.keys(body.paths)) {
      const filled = path.replace('{id}', 'made').replace('{task}', 'x').replace('{rollout}', 'x')
      if (path.endsWith('events') || !body.paths[path].get) continue
      const { status, body: answer } = await ask(filled)
      if (status === 404) expect(answer.detail).toMatch(/There is no (task|rollout) x/)
      else expect(status, path).toBe(200)
    }
  })

  test('another verb is answered 405 with those that are there', async () => {
    const { status, answer } = await ask('/api/runs/made', { method: 'DELETE' })
    expect(status).toBe(405)
    expect(answer.headers.get('allow')).toBe('GET, HEAD')
  })

  test('Prometheus has every figure once, under one type', async () => {
    const { answer } = await ask('/metrics')
    const text = await answer.text()
    expect(text).toMatch(/^azr_build_info\{version="[^"]+"\} 1$/m)
    expect(text).toContain('azr_tasks_learnable_ratio{run="made",kind="deduction"} 0.5')
    expect(text).toContain('azr_rollouts_total{run="made"} 36')
    expect(text).toContain('azr_sandbox_programs_total{run="made",outcome="timedOut"} 0')
    expect(text).toContain('azr_sandbox_restarts_total{run="made"} 3')
    expect(text).toContain('azr_engine_prompt_tokens_cached_total{run="made"} 1800')
    const types = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name)
    expect(types).toEqual([...new Set(types)])
    for (const line of text
      .trim()
      .split('\n')
      .filter(line => !line.startsWith('#'))) {
      expect(line).toMatch(/^azr_[a-z_]+(\{([a-z]+="[^"\\]*",?)+\})? -?[\d.e+-]+$/)
    }
  })

  test('the actors are drawn from their machines', async () => {
    const { body } = await ask('/api/statecharts')
    expect(body.items.map((chart: { actor: string }) => chart.actor)).toHaveLength(7)
    const run = body.items.find((chart: { actor: string }) => chart.actor === 'run')
    const states = run.states.map((state: { id: string }) => state.id)
    expect(states).toContain('refreshing.loading')
    const targets = run.states.flatMap((state: { to: { target: string }[] }) => state.to)
    for (const { target } of targets) expect(states).toContain(target)
  })
})
