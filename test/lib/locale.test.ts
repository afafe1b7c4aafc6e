/** Output under locales that are not UTF-8. */
import { expect, test } from 'vitest'
import { asciiOf, isUtf8, restrictToAscii } from '../../lib/locale.ts'

test.each([
  [{ LANG: 'de_DE.UTF-8' }, true],
  [{ LANG: 'en_US.utf8' }, true],
  [{ LANG: 'C' }, false],
  [{ LANG: 'de_DE.ISO-8859-1' }, false],
  [{ LC_ALL: 'C', LANG: 'de_DE.UTF-8' }, false],
  [{ LC_ALL: '', LC_CTYPE: 'C.UTF-8', LANG: 'C' }, true],
  [{}, true],
])('the first locale that is set decides: %j', (env, expected) => {
  expect(isUtf8(env)).toBe(expected)
})

test('our own symbols become one ASCII character each, others an escape', () => {
  const line = '54→67% [47–82] ▁▅█ · 3 min left…'
  expect(asciiOf(line)).toBe('54>67% [47-82] _=# | 3 min left~')
  expect(asciiOf(line)).toHaveLength(line.length)
  expect(asciiOf('é 😀\n')).toBe('\\u{e9} \\u{1f600}\n')
})

test('a restricted stream passes bytes on unchanged', () => {
  const written: unknown[] = []
  const stream = {
    write: (chunk: unknown) => written.push(chunk) > 0,
  } as never as NodeJS.WriteStream
  restrictToAscii(stream)
  stream.write('a → b')
  stream.write(Buffer.from('é'))
  expect(written).toEqual(['a > b', Buffer.from('é')])
})
