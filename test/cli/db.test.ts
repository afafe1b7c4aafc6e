/**
 * `azr db` and `azr runs` as a user meets them: whole runs, damaged runs, and impossible requests.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { beforeAll, describe, expect, test } from 'vitest'
import { makeHome, unpack } from '../run/replay/stored.ts'
import { azr } from '../whole/azr.ts'
import { spawnTerminal } from './in-terminal.ts'

const home = makeHome()
const call = (...args: string[]) => azr(args, { home })
const file = (name: string) => join(home, name, 'run.db')

/** Damages pages of a table's rows. Returns their number. */
function damage(name: string, table: string): void {
  const client = new Database(file(name))
  const sql = `select pageno from dbstat where name = ? and pagetype = 'leaf' order by pageno`
  const [page = 0] = client.prepare(sql).pluck().all(table) as number[]
  const size = client.pragma('page_size', { simple: true }) as number
  client.close()
  const bytes = readFileSync(file(name))
  bytes.fill(0xff, (page - 1) * size, page * size)
  writeFileSync(file(name), bytes)
}

beforeAll(() => {
  unpack(home, 'whole')
  unpack(home, 'hurt')
  damage('hurt', 'rollouts')
  unpack(home, 'changed', "update grades set reward = 0.25 where role = 'solver' and step = 1")
  unpack(home, 'headless')
  writeFileSync(
    file('headless'),
    Buffer.concat([Buffer.from('not a database'), readFileSync(file('whole')).subarray(14)]),
  )
  unpack(home, 'empty')
  writeFileSync(file('empty'), '')
  unpack(home, 'unborn', 'delete from run')
})

describe('azr db', () => {
  test('check says that a run is undamaged, or names the damage', async () => {
    const whole = await call('db', 'check', 'whole')
    expect(whole.out).toMatch(
      /^whole is undamaged: \d+ rows of 3 finished steps and 0 checkpoints equal what was committed/,
    )
    expect(whole.code).toBe(0)
    const changed = await call('db', 'check', 'changed')
    expect(changed.out).toMatch(/^damaged: grades, step 1: rows differ from what was committed\n/)
    expect(changed.code).toBe(1)
    const json = JSON.parse((await call('db', 'check', 'changed', '--json')).out)
    expect(json).toMatchObject({
      run: 'changed',
      ok: false,
      findings: [{ where: 'grades, step 1' }],
    })
  })

  test('check --salvage copies the readable rows, and counts the lost ones', async () => {
    const target = join(home, 'saved')
    const { out, code } = await call('db', 'check', 'hurt', '--salvage', target)
    expect(out).toMatch(/damaged: rollouts/)
    expect(out).toMatch(/\n {2}rollouts: \d+ rows read, [1-9]\d* lost\n/)
    expect(out).toMatch(/\n {2}steps: 3 rows read, 0 lost\n/)
    expect(code).toBe(1)
    expect((await call('runs')).out).toMatch(/^saved +finished +2\/2/m)
    const again = await call('db', 'check', 'hurt', '--salvage', target)
    expect(again.err).toMatch(/Cannot salvage to .*saved as it exists/)
    expect(again.code).toBe(2)
  })

  test('backup makes a run, and says how to continue it', async () => {
    const target = join(home, 'elsewhere', 'copy')
    const { out, code } = await call('db', 'backup', 'whole', '--to', target)
    expect(out).toContain(`azr resume copy --home ${join(home, 'elsewhere')}`)
    expect(code).toBe(0)
    expect((await azr(['db', 'check', 'copy'], { home: join(home, 'elsewhere') })).code).toBe(0)
    expect((await call('db', 'backup', 'whole', '--to', target)).err).toMatch(/copy as it exists/)
  })

  test('info shows sizes, for people and for programs', async () => {
    expect((await call('db', 'info', 'whole')).out).toMatch(
      /schema 2 of 2.*\n.*database .*\n.*\n? *\w+ +\d+ rows/,
    )
    const { tables } = JSON.parse((await call('db', 'info', 'whole', '--json')).out)
    expect(tables[0].bytes).toBeGreaterThan(tables.at(-1).bytes)
  })

  test.each([
    [['db'], /check\|backup\|info/],
    [['db', 'check'], /azr db check needs a run: azr db check RUN/],
    [['db', 'frob', 'whole'], /azr db does not know frob: azr db check\|backup\|info RUN/],
    [['db', 'check', 'nobody'], /there are .*whole/],
    [['db', 'check', '../up'], /Cannot name a run/],
    [['db', 'backup', 'whole'], /--to DIR/],
    [['db', 'check', 'whole', '--to', 'x'], /belongs to `azr db backup`/],
    [['db', 'info', 'whole', '--salvage', 'x'], /belongs to `azr db check`/],
    [['db', 'check', 'whole', 'more'], /Cannot read more/],
    [['runs', 'mv', 'whole'], /azr runs does not know mv: azr runs \[rm\] \[RUN\]/],
    [['runs', 'rm'], /azr runs rm RUN/],
    [['runs', 'rm', 'nobody', '--yes'], /there are .*whole/],
  ])('%j is refused in one line that says what to do', async (args, why) => {
    const { code, err, out } = await call(...args)
    expect(err).toMatch(why)
    expect(err.trim().split('\n')).toHaveLength(1)
    expect([code, out]).toEqual([2, ''])
  })
})

describe('a run that cannot be read', () => {
  const said = {
    headless: /is damaged: `azr db check RUN`.*--salvage DIR/,
    empty: /holds no run: `azr runs rm RUN`/,
    unborn: /holds no run: `azr runs rm RUN`/,
  }

  test.each(Object.entries(said))('%s: every command says so in one line', async (name, why) => {
    for (const args of [['resume'], ['status'], ['tail'], ['replay'], ['report']]) {
      const { code, err } = await call(...args, name)
      expect(err, args[0]).toMatch(why)
      expect(err.trim().split('\n'), args[0]).toHaveLength(1)
      expect(code).toBe(1)
    }
    const { code, out } = await call('db', 'check', name)
    expect(out).toMatch(/^damaged: run\.db: /)
    expect(code).toBe(1)
  })

  test('hides no other run, and is listed with what to do', async () => {
    for (const verb of ['runs', 'status']) {
      const { code, out, err } = await call(verb)
      expect(code, err).toBe(0)
      if (verb === 'runs') expect(out).toMatch(/^whole +finished/m)
      for (const [name, why] of Object.entries(said)) {
        expect(err).toMatch(new RegExp(`^run ${name}: Cannot read .*${why.source}`, 'm'))
      }
    }
  })

  test('without its first page cannot be salvaged, and nothing is made', async () => {
    const target = join(home, 'nothing')
    const { code, err } = await call('db', 'check', 'headless', '--salvage', target)
    expect(err).toMatch(/first page is damaged/)
    expect([code, existsSync(target)]).toEqual([1, false])
  })
})

describe('azr runs rm', () => {
  test('without a terminal deletes nothing, unless --yes is given', async () => {
    unpack(home, 'old')
    const { code, err } = await call('runs', 'rm', 'old')
    expect(err).toMatch(
      /Cannot delete run old \(\d.* [kM]B\) without a confirmation: azr runs rm old --yes/,
    )
    expect([code, existsSync(file('old'))]).toEqual([2, true])
    const gone = await call('runs', 'rm', 'old', '--yes')
    expect(gone.err).toMatch(/run old is deleted: \d/)
    expect([gone.code, existsSync(join(home, 'old'))]).toEqual([0, false])
  })

  test.each([
    ['y', 0, false],
    ['n', 1, true],
    ['', 1, true],
  ])('on a terminal it asks: %j', async (answer, code, stays) => {
    unpack(home, 'asked')
    const said = await spawnTerminal(['runs', 'rm', 'asked'], { home, answer })
    expect(said.text).toMatch(/delete run asked with all it holds \(\d.*\)\? \[y\/N\]/)
    expect([said.code, existsSync(join(home, 'asked'))]).toEqual([code, stays])
  })

  test('also deletes a damaged run', async () => {
    unpack(home, 'bad')
    writeFileSync(file('bad'), 'junk')
    expect((await call('runs', 'rm', 'bad', '--yes')).code).toBe(0)
  })
})
