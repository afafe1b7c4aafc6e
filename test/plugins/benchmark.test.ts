/** A user's benchmark, and the parts of it that reach a run. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadBenchmark } from '../../src/plugins/benchmark.ts'
import { temporary } from '../temporary.ts'

const folder = temporary('benchmark')

function load(name: string, more: string) {
  const path = join(folder, `${name}.ts`)
  const made = 'items: () => [], prompt: () => "?", grade: () => ({ verdict: "wrong" })'
  writeFileSync(path, `export default { name: '${name}', about: 'x', ${made}, ${more} }\n`)
  return loadBenchmark(path)
}

test('its length of answers reaches the run', async () => {
  const { value } = await load('long', 'maxTokens: 32, isInWords: true')
  expect(value).toMatchObject({ maxTokens: 32, isInWords: true })
})

test('an invalid length is refused', async () => {
  await expect(load('none', 'maxTokens: 0')).rejects.toThrow(
    /its maxTokens has to be a whole number/,
  )
})
