/** The memory of our own process while many long answers are scored. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporary } from '../temporary.ts'

const script = join(import.meta.dirname, 'many-items.ts')

test('a hundred thousand items of 2,000 tokens are scored in less than 400 MB', () => {
  // The flags with which scripts/launch starts Node.
  const args = [
    '--max-semi-space-size=8',
    '--heap-growing-percent=70',
    script,
    temporary('many'),
    '100000',
    '2000',
  ]
  const found = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }))
  expect(found).toMatchObject({ suite: 'tiny', items: 100_000 })
  expect(found.correct).toBeGreaterThan(40_000)
  expect(found.correct).toBeLessThan(60_000)
  expect(found.peakMb).toBeLessThan(400)
}, 600_000)
