/** `azr db backup` of a run in progress: the copy is one moment of it, and can be resumed. */
import { join } from 'node:path'
import { expect, inject, test } from 'vitest'
import { compareRuns } from '../../state/compare.ts'
import { readRun } from '../../state/open.ts'
import { azr, start } from './azr.ts'
import { ownHome } from './home.ts'

const home = ownHome()
const reference = inject('reference')

test('it ends with the facts of an undisturbed run, and so does the run itself', async () => {
  const run = start(['train', 'smoke', '--run', 'copied', '--no-serve'], { home })
  await run.says(/seeding/, 600_000)
  const copies = join(home, 'copies')
  const taken = await azr(['db', 'backup', 'copied', '--to', join(copies, 'one')], { home })
  expect(taken.code, taken.err).toBe(0)
  const step = readRun(copies, 'one', reader => reader.lastStep())
  expect(step).toBeLessThan(3)
  const ended = await run.ended
  expect(ended.code, ended.err).toBe(0)
  const checked = await azr(['db', 'check', 'one'], { home: copies })
  expect(checked.code, checked.out).toBe(0)
  const again = await azr(['resume', 'one', '--no-serve'], { home: copies })
  expect(again.code, again.err).toBe(0)
  expect(compareRuns(reference, join(copies, 'one'))).toEqual([])
  expect(compareRuns(reference, join(home, 'copied'))).toEqual([])
}, 600_000)
