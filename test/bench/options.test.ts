import { expect, test } from 'vitest'
import { helpOf, parseOptions, type Spec } from '../../bench/options.ts'

const spec: Spec = {
  command: 'npm run bench:x --',
  about: 'How long x takes.',
  positions: { RUN: { about: 'its folder' }, STEPS: { about: 'how many', default: '6' } },
  flags: { home: { value: 'DIR', about: 'where' }, quick: { about: 'fewer' } },
}

test('values come from flags and positions, with their defaults', () => {
  const found = parseOptions(spec, ['here', '--home', 'there', '--quick'])
  expect(found).toEqual({ RUN: 'here', STEPS: '6', home: 'there', quick: 'true' })
  expect(parseOptions(spec, ['--help', '--home=x'])).toBeNull()
  expect(helpOf(spec)).toMatch(
    /^npm run bench:x -- RUN \[STEPS\] \[flags\]\n.*--home DIR +where\n/s,
  )
})

test('a value may be flags, as the help shows it', () => {
  const flags = { ...spec.flags, with: { value: "'--a=1 …'", about: 'flags' } }
  const read = (...words: string[]) => parseOptions({ ...spec, flags }, ['here', ...words])
  expect(read('--with', '--a=1 --b=2', '--quick')).toMatchObject({
    with: '--a=1 --b=2',
    quick: 'true',
  })
  expect(read('--quick', '--home=x')).toMatchObject({ quick: 'true', home: 'x' })
  expect(() => read('--home', '--quick')).toThrow(/^Cannot read the command line/)
})

test.each([
  [['--nothing'], /^Cannot read the command line: Unknown option '--nothing'$/],
  [['a', '--home'], /^Cannot read the command line: Option '--home <value>' argument missing$/],
  [['a', 'b', 'c'], /^Cannot read "c": no further value is expected$/],
  [[], /^Cannot begin without RUN: its folder$/],
])('%j is refused in one line', (words, line) => {
  expect(() => parseOptions(spec, words)).toThrow(line)
})
