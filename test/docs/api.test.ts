/** The generated page of the API. `write-docs --check` tests that it is up to date. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

test('every shape has fields, those that extend another one too', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/reference/api.md'), 'utf8')
  const shapes = page.split('\n### ').filter(part => part.includes('| field |'))
  const empty = shapes.filter(part => !/\|---\|\n\| `/.test(part))
  expect(shapes.length).toBeGreaterThan(40)
  expect(empty.map(part => part.split('\n')[0])).toEqual([])
  const run = shapes.find(part => part.startsWith('Run\n'))
  expect(run).toContain('| `id` | string |')
  expect(run).toContain('| `corpus` | object')
})
