/** A few of the instants of `npm run test:crash`. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { play } from './play.ts'

test('killed at five instants, a run ends as one that nobody touched', async () => {
  const home = mkdtempSync(join(tmpdir(), 'azr-crash-'))
  const { faults, kills } = await play({ home, instants: 5, seed: 7, say: () => {} })
  expect(faults).toEqual([])
  expect(kills).toBe(5)
  rmSync(home, { recursive: true })
}, 600_000)
