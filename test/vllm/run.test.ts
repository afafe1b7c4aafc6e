/**
 * Whole runs with the real vLLM, as a user starts them: two small steps of the embedded model. One
 * has two endpoints, of which one is lost; one has a fault in a load; one is killed. vLLM reads
 * prompts with another tokenizer, so the model's text is hardly readable, but the runs continue.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { EngineServer } from '../../src/engine/types.ts'
import { startVllm } from '../../src/engine/vllm.ts'
import { temporary } from '../temporary.ts'
import { azr, childrenOf, start, survivors } from '../whole/azr.ts'
import { gateOver, groupOf, isHere, vllmOptions } from './here.ts'

const home = isHere ? temporary('vllm-runs') : ''
const limit = 600_000
// Entropy moves the weights whatever the rewards are. With equal weights no fault would show.
const moving = ['--trainer.learningRate=0.003', '--trainer.entropyCoefficient=0.1']
const small = ['--seeding.minimum=0', '--seeding.rounds=1', '--evaluate.suites=[]']
const patient = ['--deadlines.startSeconds=600', '--deadlines.tokenSeconds=300']
const smoke = (run: string, ...more: string[]) => {
  const flags = [
    '--evaluate.between.suites=[]',
    '--engine.dtype=float32',
    ...small,
    ...moving,
    ...patient,
  ]
  return ['train', 'smoke', '--run', run, '--no-serve', ...flags, ...more]
}

function ask(run: string, sql: string): unknown[] {
  const client = new Database(join(home, run, 'run.db'), { readonly: true })
  const found = client.prepare(sql).pluck().all()
  client.close()
  return found
}

/** Memory that no living process maps: other tests have engines of their own at the same time. */
function leftInShm(before: string[]): string[] {
  const maps = readdirSync('/proc').flatMap(pid => {
    if (!/^\d+$/.test(pid)) return []
    try {
      return [readFileSync(`/proc/${pid}/maps`, 'utf8')]
    } catch {
      return [] // It has ended meanwhile.
    }
  })
  const isMapped = (name: string) => maps.some(text => text.includes(`/dev/shm/${name}\n`))
  return readdirSync('/dev/shm').filter(name => !before.includes(name) && !isMapped(name))
}

describe.skipIf(!isHere)('a run on endpoints', () => {
  let servers: EngineServer[] = []
  beforeAll(async () => {
    const place = (name: string) => ({ logPath: join(home, `${name}.log`) })
    const start = (name: string) => startVllm(vllmOptions(home, place(name)))
    servers = await Promise.all([start('one'), start('two')])
  }, 900_000)
  afterAll(() => Promise.all(servers.map(server => server.stop())), 60_000)
  const on = (...urls: string[]) => ['--engine.kind=endpoints', `--engine.urls=[${urls.join(',')}]`]

  test(
    'continues with one if the other is lost, and says so',
    async () => {
      const [one, two] = servers as [EngineServer, EngineServer]
      const flags = ['--steps=2', ...on(one.url, two.url)]
      const run = start(smoke('two', ...flags), { home })
      await run.says(/step\s+1\/2/, limit)
      await one.stop()
      const { code, err } = await run.ended
      expect(code, err).toBe(0)
      const lost = "select detail from run_events where event = 'endpoint.lost'"
      expect(ask('two', lost).map(text => JSON.parse(text as string).url)).toEqual([one.url])
      expect(ask('two', 'select count(distinct weights_hash) from policies')).toEqual([3])
    },
    limit,
  )

  test(
    'loads again if engine and learner differ, then stops and names the suspect',
    async () => {
      const server = servers[1] as EngineServer
      const gate = gateOver({ server: () => server, learner: () => never() })
      const run = start(smoke('faulty', '--steps=9', ...on(server.url)), { home })
      await run.says(/step\s+1\/9/, limit)
      await gate.breakIt('skipped load')
      const { code, err } = await run.ended
      await gate.breakIt('')
      expect(code).toBe(1)
      expect(err).toMatch(
        /Cannot trust policy \d: .*like the previous policy: the load was skipped/,
      )
      const failed = "select count(*) from run_events where event = 'parity.failed'"
      expect(ask('faulty', failed)).toEqual([2])
    },
    limit,
  )
})

function never(): never {
  throw new Error('no learner here')
}

describe.skipIf(!isHere)('a run with its own vLLM', () => {
  test(
    'leaves nothing behind when it is killed, and continues from there',
    async () => {
      const flags = ['--steps=2', '--engine.kind=vllm', '--engine.device=cpu']
      const before = readdirSync('/dev/shm')
      const run = start(smoke('killed', ...flags, '--engine.kvCacheMb=256'), { home })
      await run.says(/step\s+1\/2/, limit)
      const children = childrenOf(run.pid)
      const [supervisor = 0] = childrenOf(run.pid, /azr_vllm/)
      const all = [...new Set([...children, ...groupOf(supervisor)])]
      expect(groupOf(supervisor).length).toBeGreaterThanOrEqual(4)
      run.child.kill('SIGKILL')
      await run.ended
      expect(await survivors(all, 8000)).toEqual([])
      expect(leftInShm(before)).toEqual([])

      const resumed = await azr(['resume', 'killed', '--no-serve'], { home })
      expect(resumed.code, resumed.err).toBe(0)
      expect(ask('killed', 'select count(distinct weights_hash) from policies')).toEqual([3])
      const asked = [
        'eval',
        '--model',
        'killed',
        '--suite',
        'micro-easy',
        '--limit',
        '1',
        '--run',
        'kept',
      ]
      const scored = await azr([...asked, '--no-serve'], { home })
      expect(scored.code, scored.err).toBe(0)
      const engine = "select json_extract(config, '$.engine') from run"
      expect(ask('kept', engine)).toEqual(ask('killed', engine))
      const [worst] = ask('killed', 'select max(parity_max) from policies')
      expect(worst).toBeGreaterThan(0)
      expect(worst).toBeLessThan(1e-3)
      const steps = "select count(*) from metrics where name = 'mismatch.kl'"
      expect(ask('killed', steps)).toEqual([2])
      expect(leftInShm(before)).toEqual([])
    },
    limit,
  )
})
