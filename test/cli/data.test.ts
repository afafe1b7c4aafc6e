/** The list of benchmarks, as people read it. */
import { expect, test } from 'vitest'
import { benchmarks } from '../../src/benchmarks/index.ts'
import { temporary } from '../temporary.ts'
import { azr } from '../whole/azr.ts'

test('names of benchmarks stand apart from what they are', async () => {
  const { out } = await azr(['data', 'list'], { home: temporary('data') })
  for (const { name, about } of benchmarks) {
    expect(out).toMatch(new RegExp(`^${name} {2,}`, 'm'))
    expect(out).toContain(about)
  }
})
