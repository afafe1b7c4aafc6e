/** `azr replay` as a user meets it. */
import { expect, test } from 'vitest'
import { azr } from '../../whole/azr.ts'
import { makeHome, unpack } from './stored.ts'

const home = makeHome()

const aReturn = `rowid = (select rowid from executions where outcome = 'returned'
  and rollout_id in (select id from evaluation_items) order by rowid desc limit 1)`

test('--execute runs every program again, and finds differences that a plain replay takes as recorded', async () => {
  unpack(home, 'whole')
  unpack(home, 'other', `update executions set output = '[7, 7]' where ${aReturn}`)
  const whole = await azr(['replay', 'whole', '--execute', '--json'], { home })
  expect(whole.code, whole.err).toBe(0)
  expect(JSON.parse(whole.out)).toMatchObject({ run: 'whole', difference: null })
  expect((await azr(['replay', 'other'], { home })).code).toBe(0)
  const { code, err } = await azr(['replay', 'other', '--execute'], { home })
  expect(code).toBe(1)
  expect(err).toMatch(/executions .+: output differs\n {2}recorded {2}\[7, 7\]\n {2}replayed {2}\S/)
})

test('both sides are shown, with all model text escaped', async () => {
  const hashes = (step: number) => `(select prompt_hash from rollouts where step = ${step})`
  const change = `update prompts set text = char(27) || ']0;owned' || text
      where hash in ${hashes(1)} and hash not in ${hashes(0)};
    update rollouts set input_hash = 'x' where step = 1`
  unpack(home, 'loud', change)
  const { code, err } = await azr(['replay', 'loud'], { home })
  expect(code).toBe(1)
  expect(err).toMatch(/rollouts 000001\.\S+: prompt differs\n {2}recorded {2}\\u\{1b\}\]0;owned/)
  expect(err).toMatch(/stopped at the first difference/)
  expect(err).not.toContain('\u001b')
})

test('a run that cannot be replayed is refused with what to do', async () => {
  unpack(home, 'fresh', 'delete from steps')
  for (const [name, why] of [
    ['fresh', /no step yet/],
    ['nobody', /Cannot find run nobody/],
  ] as const) {
    const { code, err } = await azr(['replay', name], { home })
    expect(err).toMatch(why)
    expect(code).toBe(2)
  }
})
