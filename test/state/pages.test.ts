/** A server's view of runs that are created and deleted, and of damaged ones. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { openLibrary } from '../../state/pages.ts'
import { makeHome, unpack } from '../run/replay/stored.ts'

const home = makeHome()
const library = openLibrary(home)
afterAll(() => library.close())
beforeEach(() => rmSync(join(home, 'one'), { recursive: true, force: true }))

const lastStep = async () => (await library.of('one').totals()).last_step

test('a run that was deleted and begun again is shown as the new one', async () => {
  unpack(home, 'one')
  expect(await lastStep()).toBe(2)
  rmSync(join(home, 'one'), { recursive: true })
  unpack(home, 'one', 'delete from steps where step > 1')
  expect(await lastStep()).toBe(1)
  rmSync(join(home, 'one'), { recursive: true })
  await expect(lastStep()).rejects.toThrow('Cannot find run one')
})

test('a checkpoint that could not be loaded is among the troubles', async () => {
  unpack(
    home,
    'one',
    `insert into run_events (at_ms, process_pid, event) values
     (1, 1, 'checkpoint.broken'), (2, 1, 'checkpoint.pruned')`,
  )
  const found = await library.of('one').troubles(5)
  expect(found.map(({ event }) => event)).toContain('checkpoint.broken')
  expect(found.map(({ event }) => event)).not.toContain('checkpoint.pruned')
})
