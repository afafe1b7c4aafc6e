/** Composite functions in the dialect `r1`. */
import { describe, expect, test } from 'vitest'
import { helpersOf } from '../../domain/kinds/composite.ts'
import { answered, context, fence, r1, task } from './prompting.ts'

describe('composite functions', () => {
  const earlier = task('deduction', { program: 'def f(a):\n    return f(a - 1) if a else x.f(a)' })
  const helpers = helpersOf([earlier])
  const read = (program: string) =>
    r1.parseProposal(
      'deduction',
      answered(fence('python', program) + fence('input', '3')),
      context({ helpers }),
    )

  test('are functions of earlier tasks under other names, which the prompt explains', () => {
    expect(helpers).toEqual(['def g_0(a):\n    return g_0(a - 1) if a else x.f(a)'])
    const prompt = r1.proposerPrompt('abduction', context({ helpers }))
    expect(prompt).toContain('has to call each of `g_0`')
    expect(r1.proposerPrompt('abduction', context())).not.toContain('to build on')
    const composite = task('deduction', { program: `${helpers[0]}\ndef f(a): return g_0(a)` })
    expect(helpersOf([composite])).toEqual([])
  })

  test('come before the program, which has to call them and may not redefine them', () => {
    const program = 'def f(a):\n    return g_0(a) + 1'
    expect(read(program)).toMatchObject({ value: { program: `${helpers[0]}\n\n${program}` } })
    expect(read('def f(a):\n    return a')).toMatchObject({ reason: 'calls not every helper' })
    expect(read('def g_0(a): return a\ndef f(a): return g_0(a)')).toMatchObject({
      reason: 'defines a helper again',
    })
  })
})
