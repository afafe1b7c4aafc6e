/** Runs whose learner trains adapters, through transformers and peft: killed, resumed, exported. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test, vi } from 'vitest'
import { compareRuns } from '../../state/compare.ts'
import { azr, childrenOf, start, survivors } from './azr.ts'
import { ownHome } from './home.ts'

vi.setConfig({ testTimeout: 600_000 })

const home = ownHome()
const short = ['--no-serve', '--steps=2', '--evaluate.suites=[]', '--evaluate.between.suites=[]']
const lora = ['--trainer.backend=transformers', '--trainer.method=lora', '--trainer.loraRank=4']

test('corrections: IcePop, masked cut answers, dropped groups of equal rewards, mismatch by group', async () => {
  const masks = ['--trainer.importance=icepop', '--advantage.truncated=mask']
  const drops = ['--advantage.zeroVariance=drop', '--advantage.method=grpo', '--solve.samples=4']
  const flags = [...short, ...masks, ...drops, '--solve.maxTokens=24', '--steps=1']
  const { code, err } = await azr(['train', 'smoke', '--run', 'corrected', ...flags], { home })
  expect(code, err).toBe(0)
  const client = new Database(join(home, 'corrected', 'run.db'), { readonly: true })
  const count = (sql: string) => client.prepare(`select count(*) from ${sql}`).pluck().get()
  const trained = 'update_items join rollouts on rollouts.id = rollout_id'
  expect(count("rollouts where step = 1 and finish_reason = 'length'")).toBeGreaterThan(0)
  expect(count(`${trained} where finish_reason = 'length'`)).toBe(0)
  const alike = `(select task_hash from ${trained} join grades on grades.id = rollouts.id
    where rollouts.role = 'solver' group by task_hash having count(*) > 3 and min(reward) = max(reward))`
  expect(count(alike)).toBe(0)
  expect(count(trained)).toBeGreaterThan(0)
  const names = "select name from metrics where step = 1 and name like 'mismatch.kl.%'"
  const trainedOn = `select distinct 'mismatch.kl.' || role || '.' || kind from ${trained}`
  const list = (sql: string) => client.prepare(`${sql} order by 1`).pluck().all()
  expect(list(names)).toEqual(list(trainedOn))
  client.close()
})

test('adapters: the same rows with and without a kill, then a model that can be scored', async () => {
  const flags = [...short, ...lora, '--trainer.learningRate=0.003', '--checkpoint.every=2']
  const whole = await azr(['train', 'smoke', '--run', 'lora', ...flags], { home })
  expect(whole.code, whole.err).toBe(0)
  const client = new Database(join(home, 'lora', 'run.db'), { readonly: true })
  const weights = 'select count(distinct weights_hash) from policies'
  expect(client.prepare(weights).pluck().get()).toBe(3)
  const probed = "select count(*) from run_events where event = 'memory.probed'"
  expect(client.prepare(probed).pluck().get()).toBe(1)
  client.close()
  const kept = join(home, 'lora', 'checkpoints')
  const files = readdirSync(join(kept, readdirSync(kept)[0] as string))
  expect(files).toContain('adapter_model.safetensors')
  expect(files).not.toContain('model.safetensors')

  const first = start(['train', 'smoke', '--run', 'lora-killed', ...flags], { home })
  await first.says(/step\s+1\/2/, 400_000)
  const children = childrenOf(first.pid)
  first.child.kill('SIGKILL')
  await first.ended
  expect(await survivors(children)).toEqual([])
  const resumed = await azr(['resume', 'lora-killed', '--no-serve'], { home })
  expect(resumed.code, resumed.err).toBe(0)
  expect(compareRuns(join(home, 'lora'), join(home, 'lora-killed'))).toEqual([])

  const scored = [
    'eval',
    '--model',
    'lora@2',
    '--suite',
    'micro-easy',
    '--limit',
    '2',
    '--no-serve',
  ]
  const { code, err } = await azr(scored, { home })
  expect(code, err).toBe(0)
  expect((await azr(['export', 'lora', '--to', 'hf'], { home })).code).toBe(0)
  expect(existsSync(join(home, 'lora', 'exports', 'hf', 'model.safetensors'))).toBe(true)
})
