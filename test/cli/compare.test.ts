/** `azr compare` on stored runs, including comparisons that must be refused. */
import { beforeAll, expect, test } from 'vitest'
import { makeHome, unpack } from '../run/replay/stored.ts'
import { azr } from '../whole/azr.ts'

const home = makeHome()
const call = (...args: string[]) => azr(args, { home })

beforeAll(() => {
  unpack(home, 'one')
  unpack(home, 'two')
  unpack(home, 'newer', "update suite_items set hash = 'of another version' where item = 0")
})

test('two evaluations of the same items are compared', async () => {
  const found = await call('compare', 'one', 'two')
  expect(found.err).toBe('')
  expect(found.out).toMatch(/^one@\d+ → two@\d+\n.*\+0\.0 points/)
  expect(found.code).toBe(0)
})

test('two versions of a suite are not compared', async () => {
  const found = await call('compare', 'one', 'newer')
  expect(found.err).toMatch(/Cannot compare one@\d+ with newer@\d+ as .* is a different question/)
  expect(found.code).toBe(2)
})

test('a place that is none is refused, and not taken for step 0', async () => {
  const found = await call('compare', 'one@', 'two')
  expect(found.err).toMatch(/Cannot find one@: a run is named RUN, RUN@STEP or RUN@best/)
  expect(found.code).toBe(2)
})
