/**
 * The paper's switches, each to the end of a short real run including the seeding. A run takes
 * seconds, so most of these turn more than one switch.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, test, vi } from 'vitest'
import { compareRuns } from '../../state/compare.ts'
import { azr, childrenOf, start, survivors } from './azr.ts'
import { ownHome } from './home.ts'

// A whole run for each test: on a busy machine that takes minutes.
vi.setConfig({ testTimeout: 600_000 })

const home = ownHome()
const short = ['--no-serve', '--steps=2', '--evaluate.suites=[]', '--evaluate.between.suites=[]']

function open(name: string) {
  const client = new Database(join(home, name, 'run.db'), { readonly: true })
  return {
    count: (sql: string) =>
      (client.prepare(`select count(*) as n from ${sql}`).get() as { n: number }).n,
    list: (sql: string) => client.prepare(sql).pluck().all(),
  }
}

async function train(name: string, ...flags: string[]) {
  const { code, err } = await azr(['train', 'smoke', '--run', name, ...short, ...flags], { home })
  expect(code, err).toBe(0)
  return open(name)
}

const trained = 'update_items join rollouts on rollouts.id = rollout_id'
const kindsTrained = `select distinct kind from ${trained} order by kind`
const answersTrained = `select count(*) from ${trained} where role = 'solver' group by update_items.step`

describe('kinds in play', () => {
  test.each(['deduction', 'abduction', 'induction'])('%s alone', async kind => {
    const flags = [`--kinds=[${kind}]`, '--steps=1', '--seeding.size=4']
    const { count, list } = await train(`only-${kind}`, ...flags)
    expect(count('updates where skipped is null')).toBe(1)
    expect(list(kindsTrained)).toEqual([kind])
    expect(list('select distinct kind from tasks where step > 0')).toEqual([kind])
    const seeded = kind === 'induction' ? ['abduction', 'deduction', 'induction'] : [kind]
    expect(list('select distinct kind from tasks where step = 0 order by kind')).toEqual(seeded)
  })

  test('induction with deduction takes its programs from there; both need seeds first', async () => {
    const before = ['--solve.on=previous', '--estimate.reuse=false', '--solve.samples=2']
    const { count, list } = await train('previous', '--kinds=[deduction, induction]', ...before)
    expect(list(kindsTrained)).toEqual(['deduction', 'induction'])
    expect(count("tasks where kind = 'abduction'")).toBe(0)
    expect(list(answersTrained)).toEqual([16, 16])
    const own = 'rollouts join tasks on tasks.hash = task_hash and tasks.step = rollouts.step'
    expect(count(`${own} where rollouts.purpose = 'solve'`)).toBe(0)
  })
})

describe('a prompt that is too long', () => {
  test('does not end the run: references are left out, and a longer context continues from there', async () => {
    const tight = ['--propose.references=6', '--engine.maxLength=144', '--steps=3']
    const { list: rows } = await train('tight', ...tight)
    const given = 'select count(*) from task_references group by task_id'
    expect(new Set(rows(given)).size).toBeGreaterThan(1)
    const longer = ['--engine.maxLength=256', '--steps=4', '--no-serve']
    const { code, err } = await azr(['resume', 'tight', ...longer], { home })
    expect(code, err).toBe(0)
    const replayed = await azr(['replay', 'tight'], { home })
    expect(replayed.code, replayed.err).toBe(0)
    const list = await azr(['runs'], { home })
    expect(list.out).toMatch(/tight +finished +4\/4/)
    const again = await azr(['resume', 'tight'], { home })
    expect(again.err).toContain('has all 4 steps')
    const back = await azr(['resume', 'tight', '--engine.maxLength=144', '--steps=9'], { home })
    expect(back.err).toMatch(/another engine.maxLength as it can only grow/)
  })
})

describe('seeds from elsewhere', () => {
  test('are checked, begin a run, and are the same in a replay', async () => {
    const file = join(home, 'theirs.jsonl')
    const seeds = [
      { snippet: 'def f(a):\n    # one more\n    return a + 1', input: '3', output: '4' },
      { snippet: 'def f(a):\n    return open(a)', input: '3', output: '' },
      { snippet: 'def f(a):\n    return a * 2', inputs: ['1', '2', '3', '4'], message: 'twice' },
    ]
    writeFileSync(file, seeds.map(seed => `${JSON.stringify(seed)}\n`).join(''))
    const out = join(home, 'seeds.jsonl')
    const asked = ['seeds', 'import', file, '--preset', 'smoke', '--out', out, '--json']
    const imported = await azr(asked, { home })
    expect(imported.code, imported.err).toBe(0)
    const counts = JSON.parse(imported.out).kinds.map(
      (one: { kind: string; seeds: number; accepted: number }) => [
        one.kind,
        one.seeds,
        one.accepted,
      ],
    )
    expect(counts).toEqual([
      ['deduction', 2, 1],
      ['abduction', 2, 1],
      ['induction', 1, 1],
    ])
    const flags = ['--steps=1', `--seeding.from=${out}`, '--seeding.shared=true']
    const { count, list } = await train('brought', ...flags, '--seeding.comments=remove')
    const brought = "tasks where verdict = 'accepted' and id like '%.seed.%.1'"
    expect(count(brought)).toBe(3)
    expect(list("select program from tasks where id like '%.seed.deduction.0001.1'")).toEqual([
      seeds[0]?.snippet,
    ])
    const replayed = await azr(['replay', 'brought'], { home })
    expect(replayed.code, replayed.err).toBe(0)
  })
})

describe('the proposer', () => {
  test('frozen, on the seeds: as many answers as the full method, compared task by task', async () => {
    const frozen = ['--propose.batch=0', '--solve.samples=4', '--advantage.method=grpo']
    const { count, list } = await train('frozen', ...frozen)
    expect(count('tasks where step > 0')).toBe(0)
    expect(count("rollouts where step > 0 and role = 'proposer'")).toBe(0)
    expect(list(answersTrained)).toEqual([48, 48])
    const groups = `from ${trained} group by update_items.step, task_hash`
    const sums = list(`select abs(sum(advantage)) ${groups}`) as number[]
    expect(Math.max(...sums)).toBeLessThan(1e-6)
    expect(sums.length).toBeGreaterThan(6)
  })

  test('not trained: it proposes, and updates contain no proposals', async () => {
    const { count, list } = await train('solver', '--propose.train=false', '--solve.samples=4')
    expect(count("rollouts where step > 0 and purpose = 'propose'")).toBeGreaterThan(0)
    expect(count(`${trained} where role = 'proposer'`)).toBe(0)
    expect(list(answersTrained)).toEqual([48, 48])
  })

  test('without references: the same seeds, and prompts without tasks', async () => {
    const flags = ['--propose.references=0', '--seeding.references=1']
    const { count, list } = await train('unreferred', '--kinds=[deduction, abduction]', ...flags)
    const shown = 'task_references where substr(task_id, 1, 6)'
    expect(count(`${shown} > '000000'`)).toBe(0)
    expect(count(`${shown} = '000000'`)).toBeGreaterThan(0)
    const seeds = "select hash from tasks where step = 0 and kind != 'induction' order by id"
    expect(list(seeds)).toEqual(open('reference').list(seeds))
  })
})

test('controls: rewards independent of the verdicts; a learning rate of 0', async () => {
  const still = ['--trainer.learningRate=0', '--steps=1', '--solve.samples=8', '--seed=3']
  const random = ['--reward.source=random', ...still]
  const { count, list } = await train('random', '--kinds=[deduction]', ...random)
  const paid = 'select distinct reward from grades where step > 0 and reward is not null'
  expect(list(`${paid} order by reward`)).toEqual([-0.5, 1])
  expect(count("grades where verdict = 'correct' and reward < 0")).toBeGreaterThan(0)
  expect(count("grades where verdict in ('wrong', 'malformed') and reward > 0")).toBeGreaterThan(0)
  expect(count('policies')).toBe(2)
  expect(list('select count(distinct weights_hash) from policies')).toEqual([1])
})

test('every draw is the same with and without a kill', async () => {
  const draws = ['--propose.draw=recency', '--solve.draw=learnability', '--solve.samples=2']
  const paid = ['--reward.complexity=-0.2', '--reward.answerDiversity=0.3']
  const more = ['--propose.instances=2', '--seeding.size=6']
  const flags = ['--kinds=[abduction, induction]', ...draws, ...paid, ...more]
  const { count, list } = await train('drawn', ...flags)
  const names = "select distinct name from metrics where name like '%.abduction' and step > 0"
  const measured = ['answerDiversity.abduction', 'complexity.abduction', 'editDistance.abduction']
  expect(list(names)).toEqual(expect.arrayContaining(measured))
  expect(count('grades where learnability > 0')).toBeGreaterThan(0)
  expect(count('grades where learnability > 0 and reward = learnability')).toBe(0)
  const made = `tasks made join task_references on task_id = made.id join tasks source
    on source.hash = reference_hash where made.kind = 'abduction' and source.kind = 'induction'`
  expect(count(made)).toBeGreaterThan(0)
  expect(count(`${made} and instr(source.pairs, trim(made.pairs, '[]')) = 0`)).toBe(0)
  expect(count(`${made} and made.normalized != source.normalized`)).toBe(0)
  const args = ['train', 'smoke', '--run', 'drawn-killed', ...short, ...flags]
  const first = start(args, { home })
  await first.says(/step\s+1\/2/, 400_000)
  const children = childrenOf(first.pid)
  first.child.kill('SIGKILL')
  await first.ended
  expect(await survivors(children)).toEqual([])
  const { code, err } = await azr(['resume', 'drawn-killed', '--no-serve'], { home })
  expect(code, err).toBe(0)
  expect(compareRuns(join(home, 'drawn'), join(home, 'drawn-killed'))).toEqual([])
})
