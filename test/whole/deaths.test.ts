/** Every process of a run is killed once, each in its own run. */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, inject, test } from 'vitest'
import { compareRuns } from '../../state/compare.ts'
import { childrenOf, start, survivors } from './azr.ts'
import { ownHome } from './home.ts'

const home = ownHome()
const reference = inject('reference')

describe('a part of the run dies: it is replaced, and the rows are the same', () => {
  test.each([
    ['the engine', 'engine', /azr_engine/],
    ['the learner', 'learner', /azr_trainer/],
    ['a sandbox server', 'server', /azr_sandbox server/],
    ['the sandbox front', 'front', /azr_sandbox front/],
  ])('%s', async (_, name, pattern) => {
    const run = start(['train', 'smoke', '--run', `dead-${name}`, '--no-serve'], { home })
    await run.says(/seeding/)
    await sleep(300)
    const victims = childrenOf(run.pid, pattern)
    expect(victims.length).toBeGreaterThan(0)
    process.kill(victims[0] as number, 'SIGKILL')
    await sleep(500)
    const children = childrenOf(run.pid)
    const { code, err } = await run.ended
    expect(code, err).toBe(0)
    expect(compareRuns(reference, join(home, `dead-${name}`))).toEqual([])
    expect(await survivors(children)).toEqual([])
  })
})
