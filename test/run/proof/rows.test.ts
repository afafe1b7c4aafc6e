/** Rows of a proof: what they say of checks that pass, fail, throw, or stand on one that failed. */
import { describe, expect, test } from 'vitest'
import { rowLines } from '../../../src/cli/proof-report.ts'
import { type Check, carryOut } from '../../../src/run/proof/rows.ts'

const check = (name: string, more: Partial<Check> = {}): Check => {
  return { name, needs: [], remedy: `mend ${name}`, run: async () => ({ figures: {} }), ...more }
}
const deaf = { onBegin: () => {}, onRow: () => {} }

describe('a proof', () => {
  test('goes on after a failure, but not with what stands on it', async () => {
    const rows = await carryOut(
      [
        check('one', {
          run: async () => ({ figures: { rms: 0.5 }, passed: false, detail: 'off' }),
        }),
        check('two', { run: () => Promise.reject(new Error('it broke')) }),
        check('three', { needs: ['one'] }),
        check('four', { needs: ['three'] }),
        check('five', { unfit: 'needs CUDA' }),
        check('six', { run: async () => ({ figures: { seconds: 2 } }) }),
      ],
      deaf,
    )
    expect(rows.map(({ verdict, detail }) => [verdict, detail])).toEqual([
      ['FAIL', 'off'],
      ['FAIL', 'it broke'],
      ['SKIP', 'needs: one'],
      ['SKIP', 'needs: three'],
      ['SKIP', 'needs CUDA'],
      ['PASS', ''],
    ])
    expect(rows.map(({ remedy }) => remedy)).toEqual([
      'mend one',
      'mend two',
      null,
      null,
      null,
      null,
    ])
  })

  test('a row that failed names what to do', async () => {
    const fails = check('one', { run: () => Promise.reject(new Error('it broke')) })
    const [row] = await carryOut([fails], deaf)
    expect(rowLines(row as NonNullable<typeof row>).join('\n')).toMatch(
      /^FAIL {2}one .*\n +it broke\n +what to do: mend one$/,
    )
  })
})
