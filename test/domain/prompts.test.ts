import { describe, expect, test } from 'vitest'
import { builtInNames as kinds } from '../../domain/kinds/index.ts'
import { microDialect as micro } from '../../domain/prompts/index.ts'
import { answered, context, fence, r1, reading, strict, task } from './prompting.ts'

describe('r1: prompts of the proposer', () => {
  test.each(['deduction', 'abduction'] as const)('%s: rules, limits, references', kind => {
    const prompt = r1.proposerPrompt(kind, context())
    const told = [
      'random, os.path',
      '0.5 seconds',
      '256 MB',
      '4000',
      '400',
      'numpy',
      'deque',
      'NaN',
    ]
    for (const part of ['<think>', '<answer>', ...told]) {
      expect(prompt).toContain(part)
    }
    expect(prompt).toContain('def f(z):\n    return z * 7')
    expect(prompt).toMatch(/deterministic/)
    expect(prompt.endsWith('<think>')).toBe(true)
  })

  test('each kind is told its own difficulty', () => {
    expect(r1.proposerPrompt('deduction', context())).toMatch(/hard it is to predict the output/)
    expect(r1.proposerPrompt('abduction', context())).toMatch(/hard it is to find an input/)
  })

  test('induction: the program, the number of inputs, a message', () => {
    const prompt = r1.proposerPrompt('induction', context({ program: task('deduction') }))
    expect(prompt).toContain('def f(a):\n    return a + 1')
    expect(prompt).toMatch(/give 4 inputs/i)
    expect(prompt).toMatch(/message/)
  })

  test('without references it says so', () => {
    expect(r1.proposerPrompt('deduction', context({ references: [] }))).toContain('(none yet)')
  })
})

describe('prompts of the solver do not give the answer away', () => {
  test.each(kinds)('r1, %s', kind => {
    const prompt = r1.solverPrompt(task(kind))
    expect(prompt.includes('return a + 1')).toBe(kind !== 'induction')
    expect(prompt.includes('10')).toBe(kind !== 'abduction')
    expect(prompt.includes('11')).toBe(kind !== 'deduction')
    if (kind === 'induction') {
      expect(prompt).toContain('What comes next?')
      for (const hidden of ['30', '31', '40', '41']) expect(prompt).not.toContain(hidden)
    }
  })

  test('micro, all kinds', () => {
    const program = 'def f(a):\n    return a + 1'
    expect(micro.solverPrompt(task('deduction'))).toBe(`<D>${program}<I>10<S>`)
    expect(micro.solverPrompt(task('abduction'))).toBe(`<B>${program}<R>11<S>`)
    expect(micro.solverPrompt(task('induction'))).toBe('<F>10<R>11;20<R>21;<S>')
  })
})

describe('r1, strict: reading an answer', () => {
  test.each([
    ['deduction', fence('output', '[1, 2]'), '[1, 2]'],
    ['abduction', fence('input', "'a', 3"), "'a', 3"],
    ['induction', fence('python', 'def f(a):\n    return a'), 'def f(a):\n    return a'],
    ['deduction', `${fence('output', '1')} no: ${fence('output', '2')}`, '2'],
    ['deduction', fence('output', 'x').replaceAll('\n', '\r\n'), 'x'],
  ] as const)('%s', (kind, text, value) => {
    expect(strict.parseAnswer(kind, answered(text))).toEqual({ ok: true, value })
  })

  test('a block that ended at the stop text is closed again', () => {
    const text = `so</think><answer>${fence('output', '3')}`
    expect(strict.parseAnswer('deduction', text)).toEqual({ ok: true, value: '3' })
  })

  test.each([
    ['no thinking', `<answer>${fence('output', '1')}</answer>`],
    ['text between the blocks', `a</think> well <answer>${fence('output', '1')}</answer>`],
    ['an answer inside the thinking', `<answer>${fence('output', '1')}</answer></think>`],
    ['two thoughts', `a<think>b</think><answer>${fence('output', '1')}</answer>`],
    ['nothing', ''],
  ])('%s is refused', (_, text) => {
    const reason = 'no think and answer blocks'
    expect(strict.parseAnswer('deduction', text)).toEqual({ ok: false, reason })
  })

  test('an answer without its fence is refused', () => {
    expect(strict.parseAnswer('deduction', answered('42'))).toEqual({
      ok: false,
      reason: 'no answer',
    })
    const other = answered(fence('input', '42'))
    expect(strict.parseAnswer('deduction', other)).toEqual({ ok: false, reason: 'no answer' })
  })

  test('a long text of fences is read quickly', () => {
    const text = answered('```output\n'.repeat(20_000))
    const begun = performance.now()
    strict.parseAnswer('deduction', text)
    expect(performance.now() - begun).toBeLessThan(2000)
  })
})

test('stop texts never occur in Python code', () => {
  expect([r1.stop, strict.stop, reading({ stop: false }).stop]).toEqual([
    ['</answer>'],
    ['</answer>'],
    [],
  ])
})

test('without the gate an answer needs no thought', () => {
  const text = `<answer>${fence('output', '3')}</answer>`
  expect(r1.parseAnswer('deduction', text).ok).toBe(false)
  const open = reading({ gate: false })
  expect(open.parseAnswer('deduction', text)).toEqual({ ok: true, value: '3' })
})

test('if one function is requested, several are refused', () => {
  const text = answered(
    fence('python', 'class A:\n    def g(self): pass\ndef f(a): return a') + fence('input', '3'),
  )
  expect(r1.parseProposal('deduction', text, context()).ok).toBe(true)
  const one = reading({ functions: 'one' }).parseProposal('deduction', text, context())
  expect(one).toEqual({ ok: false, reason: 'more than one function' })
})

test('a prompt for a program gives its time limit', () => {
  expect(r1.solverPrompt(task('induction'))).toContain('less than 1 seconds')
})

test.each(['```output\n', 'output(', '<output>', '# Output:', '`', ' '])(
  'a text that repeats %j is read quickly',
  part => {
    const text = answered(part.repeat(30_000))
    const begun = performance.now()
    r1.parseAnswer('deduction', text)
    r1.parseAnswer('induction', text)
    r1.parseProposal('deduction', text, context())
    expect(performance.now() - begun).toBeLessThan(3000)
  },
)

describe('r1: reading a proposal', () => {
  const program = 'def f(a):\n    return a'
  test('a program and an input, in any order', () => {
    const value = { program, inputs: ['3'], message: '' }
    const both = [fence('python', program), fence('input', '3')]
    expect(r1.parseProposal('deduction', answered(both.join('\n')), context()).ok).toBe(true)
    const turned = r1.parseProposal('deduction', answered(both.reverse().join('\n')), context())
    expect(turned).toEqual({ ok: true, value })
  })

  test.each([
    ['no code fence', fence('input', '3')],
    ['no input fence', fence('python', program)],
  ])('%s', (reason, text) => {
    expect(r1.parseProposal('abduction', answered(text), context())).toEqual({ ok: false, reason })
  })

  test('inputs and a message for a program', () => {
    const inputs = ['1', '2', '3', '4'].map(text => fence('input', text))
    const asked = context({ program: task('deduction') })
    const read = (parts: string[]) =>
      r1.parseProposal('induction', answered(parts.join('\n')), asked)
    expect(read([...inputs, fence('message', 'hm?')])).toEqual({
      ok: true,
      value: { program: task('deduction').program, inputs: ['1', '2', '3', '4'], message: 'hm?' },
    })
    expect(read(inputs.slice(1))).toEqual({ ok: false, reason: 'too few inputs' })
    expect(read(inputs)).toEqual({ ok: false, reason: 'no message' })
  })

  test('additional parts are refused or, as published, dropped', () => {
    const dropped = context({ extras: 'dropped', program: task('deduction') })
    const [one, two] = [fence('input', '3'), fence('input', '4')]
    const code = fence('python', program)
    const message = fence('message', 'hm?')
    const five = ['1', '2', '3', '4', '5'].map(text => fence('input', text))
    const cases = [
      ['deduction', [code, code, one], 'more than one program', ['3']],
      ['abduction', [code, one, two], 'more than one input', ['3']],
      ['induction', [...five, message], 'too many inputs', ['2', '3', '4', '5']],
      ['induction', [...five.slice(1), message, message], 'more than one message', undefined],
      // A text that the published reader takes for a program or a message counts as one.
      ['deduction', [code, fence('', program), one], 'more than one program', ['3']],
      [
        'abduction',
        [fence('', program), fence('py', program), one],
        'more than one program',
        ['3'],
      ],
      [
        'induction',
        [...five.slice(1), message, '```message hm?```'],
        'more than one message',
        undefined,
      ],
    ] as const
    for (const [kind, parts, reason, inputs] of cases) {
      const text = answered(parts.join('\n'))
      expect(r1.parseProposal(kind, text, context())).toEqual({ ok: false, reason })
      const read = r1.parseProposal(kind, text, dropped)
      expect(read).toMatchObject({ ok: true, ...(inputs && { value: { inputs } }) })
    }
  })
})

test.each([r1, micro])('$name: the first tasks are complete', ({ zeroTask }) => {
  for (const kind of kinds) {
    expect(zeroTask(kind).program).toMatch(/^def f\(a[,:)]/)
    expect(zeroTask(kind).inputs.length).toBeGreaterThan(kind === 'induction' ? 5 : 0)
  }
})

test.each([
  ['let me see</think>\n<answer>1</answer>', true],
  [' </think><answer>1</answer>', false],
  ['def f(a): return a', false],
])('r1: %j has working: %s', (text, has) => {
  expect(r1.hasScratch(text)).toBe(has)
})
