/** Two real servers as endpoints of a run. One is lost midway, and the facts stay the same. */
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { locate, python, trainerFolder } from '../../src/config/paths.ts'
import { startEmbeddedEngine } from '../../src/engine/embedded.ts'
import type { EngineServer } from '../../src/engine/types.ts'
import { compareRuns } from '../../state/compare.ts'
import { temporary } from '../temporary.ts'
import { azr, start } from './azr.ts'
import { ownHome } from './home.ts'

const home = ownHome()
const reference = inject('reference')
const folder = temporary('endpoints')
let servers: EngineServer[]

beforeAll(async () => {
  const begin = (name: string) =>
    startEmbeddedEngine({
      python,
      pythonPath: trainerFolder,
      model: locate('models/micro'),
      threads: 1,
      maxBatch: 32,
      maxLength: 256,
      concurrency: 32,
      deadlineMs: 120_000,
      logPath: join(folder, `${name}.log`),
      cacheDir: folder,
    })
  servers = await Promise.all([begin('one'), begin('two')])
})
afterAll(() => Promise.all(servers.map(server => server.stop())))

const on = (urls: string[]) => ['--engine.kind=endpoints', `--engine.urls=[${urls.join(',')}]`]

test('a run whose endpoint is lost continues with the other, and has the same facts', async () => {
  const [one, two] = servers as [EngineServer, EngineServer]
  const flags = ['--no-serve', '--trainer.backend=plain', ...on([one.url, two.url])]
  const run = start(['train', 'smoke', '--run', 'endpoints', ...flags], { home })
  await run.says(/step\s+1\/3/)
  await one.stop()
  const { code, err } = await run.ended
  expect(code, err).toBe(0)
  expect(compareRuns(reference, join(home, 'endpoints'))).toEqual([])
  const client = new Database(join(home, 'endpoints', 'run.db'), { readonly: true })
  const lost = client.prepare("select detail from run_events where event = 'endpoint.lost'")
  expect(
    lost
      .pluck()
      .all()
      .map(text => JSON.parse(text as string).url),
  ).toEqual([one.url])
  client.close()
})

test('a missing endpoint is refused at start, with the command that starts one', async () => {
  const flags = on([(servers[1] as EngineServer).url, 'http://127.0.0.1:9'])
  const { code, err } = await azr(['train', 'smoke', '--run', 'nowhere', ...flags], { home })
  expect(err).toMatch(/Cannot use endpoint http:\/\/127\.0\.0\.1:9.*vllm serve MODEL/)
  expect(code).not.toBe(0)
})
