/** A few of the instants of `npm run test:crash`. */
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { temporary } from '../temporary.ts'
import { play } from './play.ts'
import { unmountDisk } from './victims.ts'

test('killed at five instants, a run ends like an undisturbed one', async () => {
  const home = temporary('crash')
  onTestFinished(() => unmountDisk(join(home, 'small')))
  const { faults, kills } = await play({ home, instants: 5, seed: 7, say: () => {} })
  expect(faults).toEqual([])
  expect(kills).toBe(5)
}, 600_000)
