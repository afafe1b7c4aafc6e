/** Files of completions: any size, read line by line. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readCompletions } from '../../src/benchmarks/completions.ts'
import { findSuite } from '../../src/benchmarks/suites.ts'
import { temporary } from '../temporary.ts'

const items = [{ id: 'a' }, { id: 'b' }]
const suite = { benchmark: findSuite('humanevalplus'), items } as never
const path = join(temporary('completions'), 'file.jsonl')
const read = (lines: string[], most?: number) => {
  writeFileSync(path, lines.join('\n'))
  return readCompletions(path, suite, most)
}
const line = (id: string, completion: string) => JSON.stringify({ id, completion })

test.each([
  ['kept', 1 << 20],
  ['read when their turn comes', 1],
])('completions are %s, in their order', async (_, most) => {
  const answers = await read(
    [`\uFEFF${line('b', 'é')}`, '', line('a', 'x\ny'), line('b', '')],
    most,
  )
  const texts = answers.map(({ completion }) =>
    typeof completion === 'string' ? completion : completion(),
  )
  expect(await Promise.all(texts)).toEqual(['é', 'x\ny', ''])
  expect(answers.map(({ item }) => item.id)).toEqual(['b', 'a', 'b'])
  expect(answers.every(({ completion }) => typeof completion === 'string')).toBe(most > 1)
})

test.each([
  [[], 'it has no completions'],
  [['{"id": "a"}'], 'line 1'],
  [[line('a', ''), 'not JSON'], 'line 2'],
  [[line('c', '')], 'has no item "c"'],
])('%j is refused', async (lines, why) => {
  await expect(read(lines)).rejects.toThrow(why)
})

test('a missing file is refused', async () => {
  await expect(readCompletions(`${path}.not`, suite)).rejects.toThrow('Cannot read completions in')
})
