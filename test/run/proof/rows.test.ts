/** Rows of a proof: checks that pass, fail, throw, or need one that failed. */
import { describe, expect, test } from 'vitest'
import { rowLines } from '../../../src/cli/proof-report.ts'
import { type Check, carryOut } from '../../../src/run/proof/rows.ts'

const check = (name: string, more: Partial<Check> = {}): Check => {
  return { name, needs: [], remedy: `mend ${name}`, run: async () => ({ figures: {} }), ...more }
}
const deaf = { onBegin: () => {}, onRow: () => {} }

describe('a proof', () => {
  test('continues after a failure, but skips the checks that need the failed one', async () => {
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

  test('a failed row says what to do', async () => {
    const fails = check('one', { run: () => Promise.reject(new Error('it broke')) })
    const [row] = await carryOut([fails], deaf)
    expect(rowLines(row as NonNullable<typeof row>).join('\n')).toMatch(
      /^FAIL {2}one .*\n +it broke\n +what to do: mend one$/,
    )
  })
})
