/** A run that begins with one's own code, from its how-to page; the folder is gone afterwards. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { blocksOf } from '../docs/pages.ts'
import { newReader } from '../docs/run-page.ts'
import { query } from '../run/replay/stored.ts'

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 })

const page = 'docs/how-to/own-code.md'
const { folder, run, follow } = newReader('own-code')
const home = join(folder, 'runs', 'mine')
const count = (sql: string) =>
  (query(home, `select count(*) as n from ${sql}`)[0] as { n: number }).n
const own = 'in (select hash from corpus_programs)'

describe('the guide to your own code', () => {
  let said: string[]
  beforeAll(() => {
    said = follow(page)
  })

  test('says once what was read, kept and skipped', () => {
    const shown = blocksOf(page).find(({ language }) => language === 'text')?.text ?? ''
    expect(said[0]).toContain(shown.trim())
    expect(said.join('').split('functions read in')).toHaveLength(2)
  })

  test('stores what it counted with the functions, for every reader', () => {
    const counts = {
      folder: join(folder, 'mycode'),
      files: 2,
      functions: 9,
      kept: 7,
      skipped: [
        { reason: 'is a method', count: 1 },
        { reason: 'returns nothing', count: 1 },
      ],
      unread: [],
    }
    const [event] = query(home, "select detail from run_events where event = 'corpus.read'")
    expect(JSON.parse((event as { detail: string }).detail)).toEqual(counts)
    expect(JSON.parse(run('json', 'azr status mine --json'))[0].corpus).toEqual(counts)
    expect(run('status', 'azr status mine')).toContain('9 functions read in 2 files, 7 kept\n')
    run('report', 'azr report mine')
    const report = readFileSync(join(home, 'report.md'), 'utf8')
    expect(report).toContain('| functions kept | 7 |')
    expect(report).toContain('| skipped: is a method | 1 |')
  })

  test('induction gets the functions, in its prompts and as programs of tasks', () => {
    const proposals = "rollouts where role = 'proposer' and kind = 'induction'"
    expect(count(`${proposals} and task_hash ${own}`)).toBeGreaterThan(4)
    expect(count(`${proposals} and task_hash not ${own}`)).toBeGreaterThan(4)
    const hidden = `rollouts join prompts on prompts.hash = prompt_hash
      join corpus_programs on corpus_programs.hash = task_hash and instr(prompts.text, program) = 0`
    expect(count(hidden)).toBe(0)
    const made = `tasks join task_references on task_id = tasks.id
      join corpus_programs on corpus_programs.hash = reference_hash
      where verdict = 'accepted'`
    expect(count(`${made} and tasks.program = corpus_programs.program`)).toBeGreaterThan(0)
    expect(count(`${made} and tasks.program != corpus_programs.program`)).toBe(0)
  })

  test('deduction and abduction get tasks on them as references', () => {
    const grounded = `task_references as shown join tasks as source on source.hash = reference_hash
      join tasks as made on made.id = shown.task_id
      where source.kind = 'induction' and made.kind != 'induction'`
    expect(count(grounded)).toBeGreaterThan(0)
    const from = `select task_id from task_references where reference_hash ${own}`
    expect(count(`${grounded} and source.id not in (${from})`)).toBe(0)
  })

  test('without the folder it is replayed, resumed, and replayed after that', () => {
    expect(existsSync(join(folder, 'mycode'))).toBe(false)
    expect(said[1]).toContain('steps 0 to 2 equal the recording')
    expect(count('steps')).toBe(4)
    // A resumed step draws from the rows, its replay from memory.
    expect(run('replay', 'azr replay mine')).toContain('steps 0 to 3 equal the recording')
    expect(run('execute', 'azr replay mine --execute')).toContain('steps 0 to 3 equal')
    expect(run('check', 'azr db check mine')).toContain('undamaged')
    const rule = '--set reward.zeroLearnability=0'
    expect(run('rescore', `azr rescore mine ${rule}`)).toContain('every reward')
  })

  test('a fork needs it as little, unless it names another one', () => {
    const functions = () =>
      query(join(folder, 'runs', 'forked'), 'select distinct folder, name from corpus_programs')
    const fork = 'azr fork mine --at 2 --run forked --set steps=4 --no-start'
    const counted = () => JSON.parse(run('json', 'azr status forked --json'))[0].corpus
    run('fork', fork)
    expect(functions()).toHaveLength(7)
    expect(counted()).toMatchObject({ folder: join(folder, 'mycode'), kept: 7 })
    run('another', 'azr runs rm forked --yes && mkdir other')
    expect(() => run('empty', `${fork} --set propose.corpus=./other`)).toThrow(/corpus-unusable/)
    run('code', "printf 'def second(a):\\n  return a[1]\\n' > other/a.py")
    run('fork', `${fork} --set propose.corpus=./other`)
    expect(functions()).toHaveLength(8)
    expect(counted()).toMatchObject({ folder: join(folder, 'other'), kept: 1 })
    expect(run('check', 'azr db check forked')).toContain('undamaged')
  })

  test('the query lists what became of each function', () => {
    expect(said[2]).toMatch(/^file\|line\|name\|proposals\|accepted\n/)
    expect(said[2]).toMatch(/lists.py\|\d+\|spread\|\d+\|\d+/)
    expect(
      run(
        'trace',
        'azr trace mine $(sqlite3 runs/mine/run.db "select task_id from task_references join corpus_programs on hash = reference_hash limit 1")',
      ),
    ).toContain('own function')
  })
})
