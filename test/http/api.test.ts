/** The API over a run made of rows: lists, filters, limits, and who may ask. No socket. */
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { UsageError } from '../../src/errors.ts'
import { type App, createApp } from '../../src/http/app.ts'
import type { Launch } from '../../src/http/runs.ts'
import { statecharts } from '../../src/statecharts.ts'
import { openForWriting } from '../../state/database.ts'
import { temporary } from '../temporary.ts'
import { makeRun } from '../web/made-run.ts'

const home = temporary('api')
const token = 'a-token-of-some-length'
const launched: string[][] = []
const begun: boolean[] = []
let open: App
let guarded: App

beforeAll(async () => {
  await makeRun(home, 'made', 'def f(a):\n return 100%_of(a)')
  const launch: Launch = async (_, words, isBegun) => {
    launched.push(words)
    begun.push(isBegun())
    if (words.includes('broken')) throw new UsageError('Cannot find preset broken')
    return 4711
  }
  open = createApp({ home, launch, charts: statecharts() })
  guarded = createApp({ home, launch, charts: [], access: { token } })
})
afterAll(async () => {
  await Promise.all([open.close(), guarded.close()])
})

async function ask(path: string, init: RequestInit = {}, { app } = open) {
  const answer = await app.request(path, init)
  const type = answer.headers.get('content-type') ?? ''
  return {
    status: answer.status,
    type,
    answer,
    body: type.includes('json') ? await answer.json() : null,
  }
}
const post = (path: string, body: unknown, headers = {}) =>
  ask(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })

describe('lists', () => {
  test('walk through all rollouts by cursor, none twice and none left out', async () => {
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
  ])('%s is refused: that is no number, or too large a one', async query => {
    expect((await ask(`/api/runs/made/${query}`)).status).toBe(400)
  })

  test('health has what the sandbox counted, summed up to a step', async () => {
    const { body } = await ask('/api/runs/made/health')
    expect(body.sandbox).toEqual({ 'outcome.timedOut': 0, restarts: 3, mismatches: 6 })
    const early = (await ask('/api/runs/made/health?until=1')).body.sandbox
    expect(early).toEqual({ 'outcome.timedOut': 0, restarts: 1, mismatches: 2 })
  })

  test('runs by their status', async () => {
    expect((await ask('/api/runs?status=finished')).body.items).toHaveLength(1)
    expect((await ask('/api/runs?status=running')).body.items).toEqual([])
  })

  test('a step by its number, and what was known when it was over', async () => {
    expect((await ask('/api/runs/made/progress?step=2')).body.work).toHaveLength(3)
    expect((await ask('/api/runs/made/progress?step=1')).body.work).toEqual([])
    const { outcome, lines } = (await ask('/api/runs/made/learning?until=1')).body
    expect(outcome).toMatch(/^After 1 step/)
    expect(lines[0].points).toHaveLength(1)
    expect((await ask('/api/runs/made/behaviour?until=1')).body.manners).toEqual([])
    expect((await ask('/api/runs/made/machines?until=1')).body).toEqual({ items: [], at_ms: null })
  })

  test('health of a run that nobody works on: no queue, no hang, no reason to fail', async () => {
    const { body } = await ask('/api/runs/made/health')
    expect(body).toMatchObject({ failure: null, pulse: null, hangs: [], processes: [] })
    expect(body.machine.total_bytes).toBeGreaterThan(0)
  })

  test('Prometheus gets what each suite gave last, and no alarm of a run that is over', async () => {
    const text = await (await ask('/metrics')).answer.text()
    const line =
      'azr_heldout_accuracy_ratio{run="made",suite="easy",kind="deduction",mode="greedy"}'
    expect(text.split('\n').filter(one => one.startsWith(line))).toEqual([`${line} 0.5`])
    expect(text).toContain('azr_run_alive{run="made"} 0')
    expect(text).not.toMatch(/azr_health_|azr_queue_/)
  })

  test('curves end where they are told to', async () => {
    const { body } = await ask('/api/runs/made/metrics?names=learnable.*&until=1')
    expect(body['learnable.deduction']).toEqual([[1, 0.5]])
  })
})

describe('beginning and resuming', () => {
  test('a run is begun in a process of its own, with its knobs', async () => {
    const knobs = { steps: 3, 'solve.batch': 8 }
    const { status, body } = await post('/api/runs', { preset: 'smoke', run: 'mine', knobs })
    expect([status, body]).toEqual([201, { id: 'mine', pid: 4711 }])
    expect(launched.at(-1)).toEqual([
      ...['train', 'smoke', '--run', 'mine', '--steps=3', '--solve.batch=8'],
    ])
  })

  test('a run that is being made has not begun, is not listed, and breaks nothing', async () => {
    mkdirSync(join(home, 'half'))
    openForWriting(join(home, 'half', 'run.db')).client.close()
    expect((await post('/api/runs', { preset: 'smoke', run: 'half' })).status).toBe(201)
    expect(begun.at(-1)).toBe(false)
    for (const path of ['', '/health', '/events']) {
      expect((await ask(`/api/runs/half${path}`)).status, path).toBe(404)
    }
    const names = (await ask('/api/runs')).body.items.map(({ id }: { id: string }) => id)
    expect(names).not.toContain('half')
    rmSync(join(home, 'half'), { recursive: true })
  })

  test('a run is forked at a step, under other settings', async () => {
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
    expect((await post('/api/runs/made/fork', { at: '1' })).status).toBe(400)
  })

  test('a run that nobody works on is resumed by a new process', async () => {
    expect((await ask('/api/runs/made/resume', { method: 'POST' })).status).toBe(202)
    expect(launched.at(-1)).toEqual(['resume', 'made'])
  })

  test.each([
    [{ preset: 'broken' }, 409],
    [{ preset: '../../etc/passwd' }, 400],
    [{ preset: 'smoke', run: '../up' }, 400],
    [{ preset: 'smoke', knobs: { '-x': 1 } }, 400],
    [{ preset: 'smoke', else: 1 }, 400],
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

describe('who may ask', () => {
  const at = (headers: Record<string, string>, app = guarded) => ask('/api/runs', { headers }, app)

  test('beyond loopback only who has the token', async () => {
    expect((await at({})).status).toBe(401)
    expect((await at({ authorization: 'Bearer wrong' })).status).toBe(401)
    expect((await at({ authorization: `Bearer ${token}x` })).status).toBe(401)
    expect((await at({ authorization: `Basic ${token}` })).status).toBe(401)
    expect((await at({ authorization: `Bearer ${token}` })).status).toBe(200)
    expect((await ask('/metrics', {}, guarded)).status).toBe(401)
    expect((await ask('/healthz', {}, guarded)).status).toBe(200)
  })

  test('no name that others may own, with the token or without', async () => {
    const authorization = `Bearer ${token}`
    expect((await at({ authorization, host: '192.168.1.7:4780' })).status).toBe(200)
    expect((await at({ authorization, host: 'evil.example' })).status).toBe(403)
    expect((await at({ host: '192.168.1.7:4780' }, open)).status).toBe(403)
    expect((await at({ host: 'localhost.evil.example' }, open)).status).toBe(403)
  })

  test('no page of another origin, on another port of this machine neither', async () => {
    const host = '127.0.0.1:4780'
    expect((await at({ host, origin: 'http://127.0.0.1:4780' }, open)).status).toBe(200)
    expect((await at({ host, origin: 'http://127.0.0.1:3000' }, open)).status).toBe(403)
    expect((await at({ host, origin: 'null' }, open)).status).toBe(403)
  })

  test('nothing that a page elsewhere embeds or fetches without saying who it is', async () => {
    const from = (site: string, mode: string) => ({
      'sec-fetch-site': site,
      'sec-fetch-mode': mode,
    })
    expect((await at(from('cross-site', 'no-cors'), open)).status).toBe(403)
    expect((await at(from('same-site', 'cors'), open)).status).toBe(403)
    expect((await at(from('cross-site', 'navigate'), open)).status).toBe(200)
    expect((await at(from('same-origin', 'cors'), open)).status).toBe(200)
    const command = { ...from('cross-site', 'navigate'), origin: 'https://evil.example' }
    expect((await post('/api/runs/made/stop', {}, command)).status).toBe(403)
  })

  test('every answer forbids what the page does not need, errors too', async () => {
    for (const path of ['/api/runs', '/nothing', '/api/runs/..%2f..%2fetc/steps']) {
      const { answer } = await ask(path)
      expect(answer.headers.get('content-security-policy')).toContain("script-src 'self'")
      expect(answer.headers.get('content-security-policy')).not.toContain('unsafe')
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    }
  })
})

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
