/** Help: groups of commands, flags and knobs, at every width. */
import { describe, expect, test } from 'vitest'
import { commonKnobs } from '../../src/config/common.ts'
import { knobs } from '../../src/config/load.ts'
import { azr } from '../whole/azr.ts'

const call = (args: string[], env: Record<string, string> = {}) => azr(args, { env })

test('the most common knobs exist', () => {
  const known = knobs().map(({ path }) => path)
  expect(known).toEqual(expect.arrayContaining(commonKnobs))
})

test('`azr help COMMAND` is `azr COMMAND --help`', async () => {
  const [one, two] = await Promise.all([call(['help', 'train']), call(['train', '--help'])])
  expect(one.out).toBe(two.out)
  expect(one.out).toContain('--trainer.learningRate=')
  expect(one.out).not.toContain('--trainer.beta1=')
})

test('--help-all lists every knob', async () => {
  const { out } = await call(['train', '--help-all'])
  for (const { path } of knobs()) expect(out).toContain(`--${path}=`)
})

test('a command that takes no knobs has no --help-all', async () => {
  expect((await call(['runs', '--help-all'])).err).toMatch(/Cannot read --help-all/)
})

describe.each([60, 100])('in %d columns', width => {
  test.each([['--help'], ['help', 'train'], ['help', 'exec'], ['plan', '--help-all']])(
    'azr %s %s fits',
    async (...args) => {
      const { out } = await call(
        args.filter(word => word !== undefined),
        { COLUMNS: String(width) },
      )
      expect(out.split('\n').filter(line => line.length > width)).toEqual([])
    },
  )
})

test.each([
  [['compare'], 'azr compare needs two evaluations: azr compare A B (list them with azr runs)'],
  [['compare', 'a'], 'azr compare a needs a second evaluation: azr compare a B'],
  [['resume'], 'azr resume needs a run: azr resume RUN (list them with azr runs)'],
  [['data'], 'azr data needs one of list, fetch: azr data list|fetch'],
  [['data', 'drop'], 'azr data does not know drop: azr data list|fetch [NAME]…'],
  [['setup', 'house'], 'azr setup does not know house: azr setup [engine|trainer]'],
  [['model'], 'azr model needs one of import: azr model import'],
  [['seeds', 'import', './seeds.jsonl'], 'choose another --out'],
  [['seeds', 'import', 'a', '--out=none/b'], 'as there is no folder'],
  [['plan', '--__proto__.x=1'], 'Cannot read --__proto__.x'],
  [['help', 'nothing'], 'There is no command nothing: `azr --help` lists them'],
])('%j is refused and the error gives an example', async (args, why) => {
  const { code, err } = await call(args)
  expect(err).toContain(why)
  expect(err).toMatch(/ \([a-z-]+; see docs\/how-to\/troubleshooting\.md\)\n$/)
  expect(code).toBe(2)
})

test('with --json an error is JSON with its code as well', async () => {
  const { out } = await call(['status', 'nope', '--json'])
  expect(JSON.parse(out)).toMatchObject({ code: 'run-unknown' })
})

test('under a locale that is not UTF-8 all output is ASCII', async () => {
  const { out, err } = await call(['data', 'drop'], { LC_ALL: 'C' })
  expect(`${out}${err}`).toMatch(/NAME\]~/)
  const help = await call(['eval', '--help'], { LC_ALL: 'C' })
  expect(help.out).toMatch(/^[\0-\x7f]+$/)
})
