import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { statecharts } from '../../actors/statecharts.ts'
import { type App, createApp } from '../../src/http/app.ts'
import { startDetached } from '../../src/http/detached.ts'
import { azr, start } from './azr.ts'
import { ownHome } from './home.ts'

const home = ownHome()
let served: App
beforeAll(() => {
  served = createApp({ home, launch: startDetached, charts: statecharts() })
})
afterAll(() => served.close())

async function get(path: string, headers: Record<string, string> = {}) {
  const answer = await served.app.request(path, { headers })
  const type = answer.headers.get('content-type') ?? ''
  const body = type.includes('json') ? await answer.json() : await answer.text()
  return { status: answer.status, type, body, headers: answer.headers }
}

describe('reading', () => {
  test('runs, with their details', async () => {
    const { body } = await get('/api/runs')
    const mine = body.items.find((run: { id: string }) => run.id === 'reference')
    expect(mine).toMatchObject({ preset: 'smoke', seed: 1, steps: 3, step: 3, status: 'finished' })
    const one = await get('/api/runs/reference')
    expect(one.body.config.dialect).toBe('micro')
    expect(one.body.events[0].event).toBe('finished')
  })

  test('steps by cursor', async () => {
    const first = await get('/api/runs/reference/steps?limit=2')
    expect(first.body.items.map((row: { step: number }) => row.step)).toEqual([0, 1])
    const second = await get(`/api/runs/reference/steps?limit=2&after=${first.body.next}`)
    expect(second.body.items.map((row: { step: number }) => row.step)).toEqual([2, 3])
  })

  test('a task with its ancestry, its proposal, its answers and executions', async () => {
    const list = await get('/api/runs/reference/tasks?kind=deduction&verdict=accepted&limit=1')
    const { id, hash } = list.body.items[0]
    const { body } = await get(`/api/runs/reference/tasks/${id}`)
    expect(body.parents).toHaveLength(1)
    expect(body.parents[0].program).toMatch(/^def f/)
    expect(body.proposal.id).toBe(id)
    expect(body.answers.length).toBeGreaterThanOrEqual(4)
    expect(body.executions[0].outcome).toBe('returned')
    expect((await get(`/api/runs/reference/tasks/${hash}`)).body.task.hash).toBe(hash)
    const rollout = await get(`/api/runs/reference/rollouts/${body.answers[0].id}`)
    expect(rollout.body.ids).toHaveLength(rollout.body.logprobs.length)
    expect(rollout.body.prompt).toContain('<D>')
  })

  test('metrics by name, evaluations, machines', async () => {
    const { body } = await get('/api/runs/reference/metrics?names=loss,accuracy.*')
    expect(body.curves.loss).toHaveLength(3)
    expect(body.times).toHaveLength(4)
    expect(Object.keys(body.curves)).toContain('accuracy.induction')
    expect(Object.keys(body.curves)).not.toContain('entropy')
    expect((await get('/api/runs/reference/evaluations')).body.items).toHaveLength(21)
    const machines = (await get('/api/runs/reference/machines')).body.items
    expect(machines.map((row: { actor: string }) => row.actor).sort()).toEqual([
      'engine',
      'evaluator',
      'executor',
      'proposer',
      'run',
      'solver',
      'trainer',
    ])
  })

  test('the verdict: curves over equal items, changes, and the sentence', async () => {
    const { lines, changes, outcome } = (await get('/api/runs/reference/learning')).body
    const first = lines.find((line: { kind: string }) => line.kind === 'deduction')
    expect(first).toMatchObject({ suite: 'micro-easy', mode: 'greedy', items: 4 })
    expect(first.points[0]).toMatchObject({ step: 0, value: expect.any(Number) })
    expect(first.points[0].low).toBeLessThan(first.points[0].high)
    expect(changes[0]).toMatchObject({ suite: 'micro-easy', firstStep: 0, lastStep: 3, items: 12 })
    expect(outcome).toMatch(/^After 3 steps in .*micro-easy greedy went from .*too few to be sure/)
  })

  test('samples of what was invented, with their answers', async () => {
    const { items } = (await get('/api/runs/reference/samples?limit=1')).body
    expect(items.length).toBeGreaterThan(0)
    for (const { program, estimates, answers } of items) {
      expect(program).toMatch(/^def f/)
      expect(estimates).toBe(4)
      const counts = answers.map((answer: { count: number }) => answer.count)
      expect(counts.reduce((sum: number, count: number) => sum + count, 0)).toBeGreaterThan(3)
    }
  })

  test('health, Prometheus, OpenAPI, the page', async () => {
    expect((await get('/healthz')).status).toBe(200)
    expect((await get('/readyz')).status).toBe(200)
    const figures = (await get('/metrics')).body
    expect(figures).toContain('azr_run_step{run="reference"} 3')
    expect(figures).toMatch(
      /^azr_sandbox_programs_total\{run="reference",outcome="returned"\} [1-9]\d*$/m,
    )
    expect(figures).toContain('azr_sandbox_restarts_total{run="reference"} 0')
    const { sandbox } = (await get('/api/runs/reference/health')).body
    expect(sandbox.batches).toBeGreaterThan(0)
    expect(sandbox['outcome.ungraded']).toBe(0)
    const { paths } = (await get('/openapi.json')).body
    const asked = ['/api/runs', '/api/runs/{id}/events', '/healthz', '/metrics']
    for (const path of asked) expect(paths).toHaveProperty([path])
    const page = await get('/')
    expect(page.type).toContain('text/html')
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
  })
})

describe('refusing, as problem+json', () => {
  test.each([
    ['/api/runs/nobody', 404],
    ['/api/runs/nobody/steps', 404],
    ['/api/runs/nobody/events', 404],
    ['/api/runs/..%2Fup', 400],
    ['/api/runs/reference/tasks/none', 404],
    ['/api/runs/reference/tasks?limit=0', 400],
    ['/api/runs/reference/tasks?kind=seduction', 400],
    ['/nothing', 404],
  ])('%s: %i', async (path, status) => {
    const answer = await get(path)
    expect(answer.status).toBe(status)
    expect(answer.type).toContain('application/problem+json')
    expect(answer.body).toMatchObject({ status, detail: expect.any(String) })
  })

  test('a foreign host and a foreign page', async () => {
    expect((await get('/api/runs', { host: 'evil.example' })).status).toBe(403)
    expect((await get('/api/runs', { origin: 'https://evil.example' })).status).toBe(403)
    expect((await get('/api/runs', { origin: 'null' })).status).toBe(403)
    expect((await get('/api/runs', { host: '127.0.0.1:4780' })).status).toBe(200)
  })

  test('a command to a run without a process', async () => {
    const answer = await served.app.request('/api/runs/reference/stop', { method: 'POST' })
    expect(answer.status).toBe(409)
  })
})

describe('over a real socket', () => {
  test('a live run is shown, its events arrive, and it can be stopped', async () => {
    const run = start(['train', 'smoke', '--run', 'live', '--steps', '50'], { home })
    await run.says(/page (\S+)/)
    const url = /page (\S+)/.exec(run.said.err)?.[1]
    await run.says(/seeding/)
    const controller = new AbortController()
    const { signal } = controller
    const answer = await fetch(`${url}api/runs/live/events?types=machine.changed`, { signal })
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader()
    const text = new TextDecoder().decode((await reader.read()).value)
    const more = new TextDecoder().decode((await reader.read()).value)
    expect(text + more).toMatch(/event: machine\.changed/)
    expect(text + more).toMatch(/id: \d+/)
    controller.abort()
    const state = await (await fetch(`${url}api/runs/live`)).json()
    expect(state.status).toBe('running')
    const stop = await fetch(`${url}api/runs/live/stop`, { method: 'POST' })
    expect(stop.status).toBe(202)
    expect((await run.ended).code).toBe(0)
  })

  test('a run is begun through the API, in a separate process, and finishes', async () => {
    const knobs = { steps: 1, 'evaluate.suites': '[]', 'evaluate.between.suites': '[]' }
    const answer = await served.app.request('/api/runs', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ preset: 'smoke', run: 'begun', knobs }),
    })
    expect([answer.status, await answer.json()]).toEqual([
      201,
      { id: 'begun', pid: expect.any(Number) },
    ])
    const status = async () => (await get('/api/runs/begun')).body.status
    expect(await status()).toBe('running')
    while ((await status()) === 'running') await sleep(200)
    expect((await get('/api/runs/begun')).body).toMatchObject({ status: 'finished', step: 1 })
  })

  test('`azr serve` shows finished runs, and ends with Ctrl-C', async () => {
    const server = start(['serve'], { home })
    await server.says(/page/)
    const url = /page (\S+)/.exec(server.said.err)?.[1]
    expect((await fetch(`${url}healthz`)).status).toBe(200)
    server.child.kill('SIGINT')
    expect((await server.ended).code).toBe(130)
  })

  test('events continue from Last-Event-ID', async () => {
    const answer = await served.app.request('/api/runs/reference/events', {
      headers: { 'last-event-id': '0' },
    })
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader()
    await reader.read()
    expect(new TextDecoder().decode((await reader.read()).value)).toMatch(/id: 1\n/)
    await reader.cancel()
    await sleep(10)
  })
})

describe('commands that show runs', () => {
  test('runs and status, as text and as JSON', async () => {
    expect((await azr(['runs'], { home })).out).toMatch(/reference\s+finished\s+3\/3\s+smoke/)
    const rows = JSON.parse((await azr(['runs', '--json'], { home })).out)
    expect(rows.map((row: { id: string }) => row.id)).toContain('reference')
    expect((await azr(['status', 'reference'], { home })).out).toMatch(/step 3\/3/)
  })

  test('doctor says what works', async () => {
    const { code, out } = await azr(['doctor', '--json'], { home })
    expect(JSON.parse(out)).toMatchObject({ ok: true })
    expect(code).toBe(0)
  })

  test('every command has its help', async () => {
    const { out } = await azr(['--help'], { home })
    const names = [...out.matchAll(/^ {2}(\w+)/gm)].map(match => match[1] as string)
    expect(names.length).toBeGreaterThan(9)
    for (const name of names) {
      const help = await azr([name, '--help'], { home })
      expect(help.code, name).toBe(0)
      expect(help.out, name).toContain(`azr ${name}`)
    }
  })

  test('an evaluation is a separate run, and can be inspected', async () => {
    const args = ['eval', '--model', 'reference', '--suite', 'micro-easy', '--items', '3']
    const { code, err } = await azr([...args, '--run', 'scored', '--no-serve'], { home })
    expect(code, err).toBe(0)
    expect(err).toMatch(/micro-easy +greedy/)
    const { body } = await get('/api/runs/scored/evaluations')
    expect(body.items.map((row: { items: number }) => row.items)).toEqual([3, 3, 3])
    const again = await azr([...args, '--run', 'scored', '--json'], { home })
    expect(again.code).toBe(0)
    expect(again.err).toMatch(/is done/)
    const [first] = JSON.parse(again.out).evaluations
    expect(first.low).toBeLessThanOrEqual(first.accuracy)
    expect(first.high).toBeGreaterThanOrEqual(first.accuracy)
    const other = await azr([...args, '--run', 'scored', '--samples', '2'], { home })
    expect(other.err).toMatch(/another evaluate\.modes/)
    expect(other.code).toBe(2)
  })
})
