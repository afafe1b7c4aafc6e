/**
 * Parts of the set-up that run in parallel. It is a separate file, because after a stop no program
 * starts.
 */
import { expect, test } from 'vitest'
import { runProgram } from '../../lib/programs.ts'
import { phase, phasesTold, sideBySide } from '../../scripts/setup/phases.ts'

const run = (command: string, ...args: string[]) => runProgram(command, args, { cwd: '/' })

test('parts run in parallel, and the duration of each is reported', async () => {
  const order: string[] = []
  const { promise, resolve } = Promise.withResolvers<void>()
  const first = async () => {
    await promise
    order.push('first')
  }
  const second = async () => {
    order.push('second')
    resolve()
  }
  await sideBySide(phase('the first', first()), phase('the second', second()))
  expect(order).toEqual(['second', 'first'])
  expect(phasesTold()).toMatch(/^the second \d+\.\d s, the first \d+\.\d s$/)
})

test('the first failure stops the other part, and is reported', async () => {
  const fails = async () => {
    await run('true')
    throw new Error('no network')
  }
  const waits = async () => {
    await run('sleep', '600')
  }
  await expect(sideBySide(waits(), fails())).rejects.toThrow('no network')
})
