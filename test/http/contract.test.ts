/** The contract: every route is described, every figure has one type, machines are drawn. */
import { describe, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { createApp } from '../../src/http/app.ts'
import { noNames, readPublicUrl } from '../../src/http/public.ts'
import { openRun } from '../../state/open.ts'
import { makeRun } from '../web/made-run.ts'
import { holdApi } from './hold-api.ts'

const { ask, post, home } = holdApi()

describe('the contract', () => {
  test('every route of the design is described, and every described route exists', async () => {
    const { body } = await ask('/openapi.json')
    const run = '/api/runs/{id}'
    const lists = ['steps', 'tasks', 'tasks/{task}', 'rollouts/{rollout}', 'metrics', 'evaluations']
    const verbs = ['pause', 'resume', 'stop', 'fork']
    const more = ['machines', 'events', ...lists, ...verbs].map(name => `${run}/${name}`)
    for (const path of ['/api/runs', run, ...more, '/healthz', '/readyz', '/metrics']) {
      expect(body.paths).toHaveProperty([path])
    }
    for (const path of Object.keys(body.paths)) {
      const filled = path
        .replace('{id}', 'made')
        .replace('{task}', 'x')
        .replace('{rollout}', 'x')
        .replace('{preset}', 'micro')
      if (path.endsWith('events') || !body.paths[path].get) continue
      const { status, body: answer } = await ask(filled)
      if (status === 404) {
        expect(answer.detail).toMatch(/There is no (task|rollout) x/)
        expect(answer.code).toBe('row-unknown')
      } else expect(status, path).toBe(200)
    }
  })

  test('an error of the thread that reads runs keeps its code', async () => {
    const { status, body } = await ask('/api/runs/nope')
    expect([status, body.code]).toEqual([404, 'run-unknown'])
  })

  test('patterns are those of JSON Schema, without flags, and examples obey them', async () => {
    const { body } = await ask('/openapi.json')
    const text = JSON.stringify(body)
    const patterns = [...text.matchAll(/"pattern":("(?:[^"\\\\]|\\\\.)*")/g)].map(
      ([, found = '']) => JSON.parse(found),
    )
    expect(patterns.length).toBeGreaterThan(20)
    expect(patterns.filter(pattern => !/\$$/.test(pattern))).toEqual([])
    const { suites } = body.components.schemas.EvaluationOrder.properties
    for (const name of suites.example) expect(name).toMatch(new RegExp(suites.items.pattern))
  })

  test('a plan names the command that does the same', async () => {
    const knobs = { steps: '9' }
    const plan = async (order: object) => (await post('/api/plan', { ...order, knobs })).body
    expect((await plan({ preset: 'smoke' })).command).toBe('azr train smoke --steps=9')
    const run = 'planned'
    await makeRun(home, run, '1', undefined, { config: loadConfig('smoke') })
    expect((await plan({ run, at: 1 })).command).toBe('azr fork planned --at 1 --steps=9')
    expect((await plan({ run, resume: true })).command).toBe('azr resume planned --steps=9')
  })

  test('another method is answered with 405 and the list of methods', async () => {
    const { status, answer } = await ask('/api/runs/made/steps', { method: 'DELETE' })
    expect(status).toBe(405)
    expect(answer.headers.get('allow')).toBe('GET, HEAD, OPTIONS')
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

  test('every route has an id, a summary, a group and its access', async () => {
    const { body } = await ask('/openapi.json')
    const known = body.tags.map((tag: { name: string }) => tag.name)
    type Route = { operationId: string; summary: string; tags: string[]; security: unknown[] }
    const routes = Object.values(body.paths as Record<string, Record<string, Route>>).flatMap(
      verbs => Object.values(verbs),
    )
    for (const { operationId, summary, tags, security } of routes) {
      expect(operationId).toMatch(/^[a-z][a-zA-Z]+$/)
      expect(summary).toMatch(/^[A-Z].*[^.]$/)
      expect(known).toEqual(expect.arrayContaining(tags))
      expect(security).toBeDefined()
    }
    const ids = routes.map(({ operationId }) => operationId)
    expect(ids).toEqual([...new Set(ids)])
  })
})

/** Names of all properties of a schema, however deep. */
function namesIn(schema: unknown): string[] {
  if (Array.isArray(schema)) return schema.flatMap(namesIn)
  if (schema === null || typeof schema !== 'object') return []
  const { properties = {} } = schema as { properties?: object }
  return [...Object.keys(properties), ...Object.values(schema).flatMap(namesIn)]
}

test('every name is camelCase: in answers, in bodies, in queries', async () => {
  const { body } = await ask('/openapi.json')
  const parameters = JSON.stringify(body.paths).matchAll(/"name":"([^"]+)","in":"(?:query|path)"/g)
  const names = [...namesIn(body), ...[...parameters].map(([, name]) => name as string)]
  expect(names.length).toBeGreaterThan(300)
  expect([...new Set(names)].filter(name => !/^[a-z][a-zA-Z0-9]*$/.test(name))).toEqual([])
})

describe('HTTP conventions', () => {
  test('an unknown query parameter is refused', async () => {
    const { status, body } = await ask('/api/runs/made/tasks?kinds=deduction')
    expect([status, body.detail]).toEqual([400, 'query: Unrecognized key: "kinds"'])
  })

  test('OPTIONS lists the methods', async () => {
    const { status, answer } = await ask('/api/runs', { method: 'OPTIONS' })
    expect([status, answer.headers.get('allow')]).toEqual([204, 'GET, POST, HEAD, OPTIONS'])
  })

  test('unchanged answers are not sent again', async () => {
    const { answer } = await ask('/api/runs/made/steps')
    const etag = answer.headers.get('etag') ?? ''
    const again = await ask('/api/runs/made/steps', { headers: { 'if-none-match': etag } })
    expect([etag.length > 10, again.status]).toEqual([true, 304])
  })

  test('long answers are compressed for clients that accept it', async () => {
    const { answer } = await ask('/api/config', { headers: { 'accept-encoding': 'gzip' } })
    expect(answer.headers.get('content-encoding')).toBe('gzip')
  })

  test('a body that is not JSON by its type is refused with 415', async () => {
    const { status } = await post('/api/runs', 'preset=smoke', { 'content-type': 'text/plain' })
    expect(status).toBe(415)
  })

  test('a command may have no body, length or type', async () => {
    // Like `curl -X POST`: a body of unknown length, and no header that mentions one.
    const body = new Blob([]).stream()
    const init = { method: 'POST', body, duplex: 'half' } as RequestInit
    const { status } = await ask('/api/runs/made/pause', init)
    expect(status).toBe(409)
    const headers = { 'transfer-encoding': 'chunked' }
    expect((await ask('/api/runs/made/pause', { ...init, body: 'x', headers })).status).toBe(415)
  })

  test('below the path of a proxy, the address of a new run has that path', async () => {
    const names = { ...noNames, publicUrl: readPublicUrl('http://localhost/base') }
    const launch = async () => 4711
    const { app, close } = createApp({ home, launch, charts: [], access: { token: null, names } })
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify({ preset: 'smoke', run: 'below' })
    const answer = await app.request('/base/api/runs', { method: 'POST', headers, body })
    await close()
    expect(answer.headers.get('location')).toBe('/base/api/runs/below')
  })

  test('a base that is one of the own paths is refused, because a proxy may keep or remove it', async () => {
    const { app, close } = createApp({ home, launch: async () => 4711, charts: [] })
    const firsts = app.routes.map(({ path }) => path.split('/')[1] ?? '')
    await close()
    const own = new Set(firsts.filter(first => /^[a-z]+(\.json)?$/.test(first)))
    expect(own).toContain('api')
    for (const first of own) {
      for (const path of [first, `${first}/`, `${first}/below`]) {
        const read = () => readPublicUrl(`https://azr.example.com/${path}`)
        expect(read).toThrow(/path of azr itself: choose another, such as https:\/\/azr/)
      }
    }
    expect(readPublicUrl('https://azr.example.com/apis').base).toBe('/apis')
    expect(readPublicUrl('https://azr.example.com/azr/api').base).toBe('/azr/api')
  })

  test('a new run comes with its address', async () => {
    const { status, answer } = await post('/api/runs', { preset: 'smoke', run: 'first' })
    expect([status, answer.headers.get('location')]).toEqual([201, '/api/runs/first'])
  })

  test('a run is deleted, unless it is in progress', async () => {
    await makeRun(home, 'doomed', '1')
    const { release } = await openRun(home, 'doomed')
    const remove = () => ask('/api/runs/doomed', { method: 'DELETE' })
    expect((await remove()).status).toBe(409)
    await release()
    expect((await remove()).status).toBe(204)
    expect((await remove()).status).toBe(404)
  })

  test('presets and knobs are listed', async () => {
    const { body: presets } = await ask('/api/presets')
    expect(presets.items).toContainEqual({ name: 'micro' })
    const { body: micro } = await ask('/api/presets/micro')
    expect(micro.config.dialect).toBe('micro')
    expect((await ask('/api/presets/..%2Fetc')).status).toBe(404)
    const { body: config } = await ask('/api/config')
    expect(config.items).toContainEqual(
      expect.objectContaining({
        path: 'propose.references',
        schema: expect.objectContaining({ type: 'integer' }),
        default: 6,
        operational: false,
      }),
    )
  })
})
