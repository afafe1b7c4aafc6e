/** The names of a run and its steps, and what is none. */
import { expect, test } from 'vitest'
import { evaluatedStep } from '../../domain/comparable.ts'
import { readRunAt, runAtIn } from '../../domain/run-at.ts'

test('a run is named alone, at a step or at its best checkpoint', () => {
  expect(readRunAt('micro-1')).toEqual({ run: 'micro-1', at: null })
  expect(readRunAt('micro-1@020')).toEqual({ run: 'micro-1', at: 20 })
  expect(readRunAt('micro-1@0')).toEqual({ run: 'micro-1', at: 0 })
  expect(readRunAt('micro-1@best')).toEqual({ run: 'micro-1', at: 'best' })
})

test.each(['micro@', 'micro@x', 'micro@-1', 'micro@1e1', 'micro@1@2', '@1', '', '../x@1'])(
  '%j is refused with the form, and never taken for a step',
  text => {
    expect(runAtIn(text)).toBeNull()
    expect(() => readRunAt(text)).toThrow(/a run is named RUN, RUN@STEP or RUN@best/)
  },
)

test('without a step the last evaluation is meant, and a missing one is named with the others', () => {
  expect(evaluatedStep({ run: 'a', at: null }, [0, 2])).toBe(2)
  expect(evaluatedStep({ run: 'a', at: 0 }, [0, 2])).toBe(0)
  expect(() => evaluatedStep({ run: 'a', at: 1 }, [0, 2])).toThrow(
    /Cannot compare a@1 as it has no finished evaluation there; its steps are 0, 2/,
  )
  expect(() => evaluatedStep({ run: 'a', at: null }, [])).toThrow(/Cannot compare a as .* none/)
})
