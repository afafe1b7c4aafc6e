import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { describe, expect, inject, test } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { compareRuns } from '../../state/compare.ts'
import { openRun, readRun } from '../../state/open.ts'
import { tables } from '../../state/schema/index.ts'
import { azr, childrenOf, start, survivors } from './azr.ts'
import { ownHome } from './home.ts'

const home = ownHome()
const reference = inject('reference')

function count(sql: string, folder = reference): number {
  const client = new Database(join(folder, 'run.db'), { readonly: true })
  const row = client.prepare(`select count(*) as n from ${sql}`).get() as { n: number }
  client.close()
  return row.n
}

/** The final sentence without the time, which differs each time. */
const outcomeOf = (name: string) =>
  readRun(home, name, reader => reader.outcome())?.replace(/ in [^:]+:/, ':')

describe('a whole run', () => {
  test('fills every table', () => {
    // Nobody gives this run a command or a corpus.
    const unused = ['commands', 'corpus_programs']
    const empty = Object.keys(tables).filter(name => !unused.includes(name) && count(name) === 0)
    expect(empty).toEqual([])
    expect(count('steps')).toBe(4)
    expect(count('updates where skipped is null')).toBe(3)
    expect(count('policies')).toBe(4)
  })

  test('stores each rollout with its prompt, and a grade or an evaluation item', () => {
    expect(count('rollouts where prompt_hash not in (select hash from prompts)')).toBe(0)
    const judged = 'select id from grades union select id from evaluation_items'
    expect(count(`rollouts where id not in (${judged})`)).toBe(0)
    expect(count('rollouts where length(ids) < length(logprobs) or length(logprobs) < 3')).toBe(0)
  })

  test('makes valid tasks of all kinds and learns from both roles', () => {
    for (const kind of ['deduction', 'abduction', 'induction']) {
      const mine = `tasks where kind = '${kind}' and verdict = 'accepted' and step > 0`
      expect(count(mine), kind).toBeGreaterThan(0)
    }
    const trained = 'update_items join rollouts on rollouts.id = update_items.rollout_id'
    expect(count(`${trained} where role = 'proposer'`)).toBeGreaterThan(0)
    expect(count(`${trained} where role = 'solver'`)).toBeGreaterThan(0)
    expect(count('updates where weights_hash in (select weights_hash from policies)')).toBe(3)
  })

  test('engine and learner agree at every version', () => {
    expect(count('policies where parity_max > 1e-5')).toBe(0)
  })

  test('rewards come from executions: each judged answer of a program has them', () => {
    const ran = "grades where role = 'solver' and kind != 'deduction' and verdict = 'correct'"
    expect(count(`${ran} and id not in (select rollout_id from executions)`)).toBe(0)
    expect(count(ran)).toBeGreaterThan(0)
  })
})

describe('resume', () => {
  test('after kill -9, twice: the same rows as a run that was never killed', async () => {
    const first = start(['train', 'smoke', '--run', 'killed', '--no-serve'], { home })
    await first.says(/seeding/)
    const children = childrenOf(first.pid)
    expect(children.length).toBeGreaterThan(2)
    first.child.kill('SIGKILL')
    await first.ended
    expect(await survivors(children)).toEqual([])
    const folder = join(home, 'killed')
    const before = count('rollouts', folder)
    const second = start(['resume', 'killed', '--no-serve'], { home })
    await second.says(/step\s+1\/3/)
    second.child.kill('SIGKILL')
    await second.ended
    expect(count('rollouts', folder)).toBeGreaterThanOrEqual(before)
    const third = await azr(['resume', 'killed', '--no-serve'], { home })
    expect(third.code, third.err).toBe(0)
    expect(compareRuns(reference, folder)).toEqual([])
    expect(outcomeOf('killed')).toBe(outcomeOf('reference'))
    expect(third.err.replaceAll('\n', ' ')).toMatch(/After 3 steps in .+ one run\)\./)
  })

  test('of a finished run says so', async () => {
    const { code, err } = await azr(['resume', 'reference'], { home })
    expect(code).toBe(0)
    expect(err).toMatch(/is done.*--steps/)
  })

  test('refuses a knob that would change the results', async () => {
    const { code, err } = await azr(['resume', 'reference', '--trainer.learningRate=1'], { home })
    expect(code).toBe(2)
    expect(err).toMatch(/trainer\.learningRate.*new run/)
  })
})

describe('an evaluation', () => {
  test('killed during its items and repeated: the same rows as one that was never killed', async () => {
    const modes = 'greedy,sampled,direct,scratch'
    const args = ['eval', '--suite', 'micro-easy-dev', '--items', '24', '--mode', modes]
    const whole = await azr([...args, '--run', 'eval-whole', '--no-serve'], { home })
    expect(whole.code, whole.err).toBe(0)
    const first = start([...args, '--run', 'eval-killed', '--no-serve'], { home })
    await first.says(/run eval-killed in/)
    const folder = join(home, 'eval-killed')
    while (count('evaluation_items', folder) < 40) await sleep(5)
    first.child.kill('SIGKILL')
    await first.ended
    const answers = 24 * 3 * (1 + 8 + 1 + 1)
    expect(count('evaluation_items', folder)).toBeLessThan(answers)
    const again = await azr([...args, '--run', 'eval-killed', '--no-serve'], { home })
    expect(again.code, again.err).toBe(0)
    expect(count('evaluation_items', folder)).toBe(answers)
    expect(compareRuns(join(home, 'eval-whole'), folder)).toEqual([])
  })
})

describe('stop', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    'by %s: within 2 s, nothing left over, and it can be resumed',
    async (signal, expected) => {
      const name = `stop-${signal.toLowerCase()}`
      const run = start(['train', 'smoke', '--run', name, '--steps', '50'], { home })
      await run.says(/step\s+1\//)
      const children = childrenOf(run.pid)
      const begun = performance.now()
      run.child.kill(signal)
      const { code, err } = await run.ended
      expect(code, err).toBe(expected)
      expect(performance.now() - begun).toBeLessThan(process.env.CI ? 5000 : 2500)
      expect(err).toContain(`azr resume ${name}`)
      expect(await survivors(children)).toEqual([])
    },
  )

  test('by `azr stop` from another process: exit 0 on both sides', async () => {
    const run = start(['train', 'smoke', '--run', 'asked', '--steps', '50'], { home })
    await run.says(/seeding/)
    const stopper = await azr(['stop', 'asked'], { home })
    expect(stopper.code, stopper.err).toBe(0)
    expect((await run.ended).code).toBe(0)
  })

  test('a paused run is resumed even if other commands came after the pause', async () => {
    const row = { name: 'told', preset: 'smoke', seed: 1, versions: {}, created_at_ms: 1 }
    const { store, release } = await openRun(home, 'told', { ...row, config: loadConfig('smoke') })
    for (const event of ['opened', 'command.pause', 'memory.probed']) await store.event(event, null)
    const { code, err } = await azr(['resume', 'told'], { home })
    expect(code, err).toBe(0)
    expect(err).toMatch(/continues in its own process/)
    expect(await store.read.commandsAfter(0)).toMatchObject([{ command: 'resume' }])
    await release()
  })

  test('a paused run waits, a resumed one continues', async () => {
    const run = start(['train', 'smoke', '--run', 'held'], { home })
    await run.says(/seeding/)
    expect((await azr(['pause', 'held'], { home })).code).toBe(0)
    await new Promise(resolve => setTimeout(resolve, 1500))
    const status = await azr(['status', 'held', '--json'], { home })
    expect(JSON.parse(status.out)[0].status).toBe('paused')
    const resumed = await azr(['resume', 'held'], { home })
    expect(resumed.code, resumed.err).toBe(0)
    expect((await run.ended).code).toBe(0)
    expect(compareRuns(reference, join(home, 'held'))).toEqual([])
  })
})
