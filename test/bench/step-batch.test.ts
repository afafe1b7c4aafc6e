/** The batch of `npm run bench:trainer -- --tasks N`. */
import { expect, test } from 'vitest'
import { type Size, stepBatch } from '../../bench/trainer/step-batch.ts'

const size: Size = { dialect: 'r1', tasks: 3, thought: 200, vocabulary: 49152 }

function sharedLength(one: number[], other: number[]): number {
  const at = one.findIndex((token, i) => token !== other[i])
  return at < 0 ? one.length : at
}

test.each(['r1', 'code'] as const)(
  'of %s is the same each time, and its prompts have a common beginning',
  dialect => {
    const rows = stepBatch({ ...size, dialect })
    expect(rows).toEqual(stepBatch({ ...size, dialect }))
    expect(rows).toHaveLength(3 * 2 * 3)
    // First proposals, then answers, kind by kind. Every three rows have prompts of one kind.
    for (let at = 0; at < rows.length; at += 3) {
      const [one, two, three] = rows.slice(at, at + 3).map(({ prompt }) => prompt) as number[][]
      expect(sharedLength(one as number[], two as number[])).toBeGreaterThan(100)
      expect(sharedLength(two as number[], three as number[])).toBeGreaterThan(100)
      expect(one).not.toEqual(two)
    }
  },
)

test('more tasks leave the others unchanged', () => {
  const [few, more] = [stepBatch(size), stepBatch({ ...size, tasks: 4 })]
  const texts = (rows: typeof few) =>
    rows.map(({ prompt, answer }) => [prompt.length, answer.length])
  expect(texts(more).slice(0, 3)).toEqual(texts(few).slice(0, 3))
})
