import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { helpersOf } from '../../domain/kinds/composite.ts'
import { builtInKinds, builtInNames as kinds } from '../../domain/kinds/index.ts'
import type { ProposalContext } from '../../domain/kinds/kind.ts'
import { followed, inverted, paired } from '../../domain/prompts/code-head.ts'
import { endIn } from '../../domain/prompts/end.ts'
import { dialectOf, microDialect as micro } from '../../domain/prompts/index.ts'
import type { ReadingSettings } from '../../domain/settings.ts'
import type { Kind, Task } from '../../domain/task.ts'
import { configSchema } from '../../src/config/config.ts'
import { python } from '../../src/config/paths.ts'

const defaults = configSchema.parse({})
const reading = (over: Partial<ReadingSettings> = {}) =>
  dialectOf({ ...defaults, reading: { ...defaults.reading, ...over } }, builtInKinds.all)
const r1 = reading()
const code = dialectOf({ ...defaults, dialect: 'code' }, builtInKinds.all)
const strict = reading({ rules: 'strict' })

function task(kind: Kind, over: Partial<Task> = {}): Task {
  const program = 'def f(a):\n    return a + 1'
  const pairs = [1, 2, 3, 4].map(n => {
    return { input: `${n}0`, output: `${n}1`, canonical: `${n}1` }
  })
  const some = kind === 'induction' ? pairs : pairs.slice(0, 1)
  const message = 'What comes next?'
  return { id: 'x', kind, program, normalized: program, pairs: some, message, hash: 'h', ...over }
}

const context = (over: Partial<ProposalContext> = {}): ProposalContext => ({
  helpers: [],
  references: [task('deduction', { program: 'def f(z):\n    return z * 7' })],
  program: null,
  inputs: 4,
  extras: 'refused',
  bannedWords: ['random', 'os.path'],
  libraries: ['numpy'],
  timeoutMs: 500,
  memoryMb: 256,
  maxProgramChars: 4000,
  maxOutputChars: 400,
  ...over,
})

describe('r1: asking a proposer', () => {
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

describe('asking a solver: nothing that would give the answer away', () => {
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

const answered = (text: string) => `let me see</think>\n<answer>${text}</answer>`
const fence = (tag: string, text: string) => `\`\`\`${tag}\n${text}\n\`\`\``

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

  test('a block that the stop text ended is closed again', () => {
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

  test('an answer without its fence is no answer', () => {
    expect(strict.parseAnswer('deduction', answered('42'))).toEqual({
      ok: false,
      reason: 'no answer',
    })
    const other = answered(fence('input', '42'))
    expect(strict.parseAnswer('deduction', other)).toEqual({ ok: false, reason: 'no answer' })
  })

  test('a long text of fences takes no time', () => {
    const text = answered('```output\n'.repeat(20_000))
    const begun = performance.now()
    strict.parseAnswer('deduction', text)
    expect(performance.now() - begun).toBeLessThan(2000)
  })
})

describe('composite functions', () => {
  const earlier = task('deduction', { program: 'def f(a):\n    return f(a - 1) if a else x.f(a)' })
  const helpers = helpersOf([earlier])
  const read = (program: string) =>
    r1.parseProposal(
      'deduction',
      answered(fence('python', program) + fence('input', '3')),
      context({ helpers }),
    )

  test('are the functions of earlier tasks under other names, of which the prompt tells', () => {
    expect(helpers).toEqual(['def g_0(a):\n    return g_0(a - 1) if a else x.f(a)'])
    const prompt = r1.proposerPrompt('abduction', context({ helpers }))
    expect(prompt).toContain('has to call each of `g_0`')
    expect(r1.proposerPrompt('abduction', context())).not.toContain('to build on')
    const composite = task('deduction', { program: `${helpers[0]}\ndef f(a): return g_0(a)` })
    expect(helpersOf([composite])).toEqual([])
  })

  test('stand before the program, which calls them and leaves them be', () => {
    const program = 'def f(a):\n    return g_0(a) + 1'
    expect(read(program)).toMatchObject({ value: { program: `${helpers[0]}\n\n${program}` } })
    expect(read('def f(a):\n    return a')).toMatchObject({ reason: 'calls not every helper' })
    expect(read('def g_0(a): return a\ndef f(a): return g_0(a)')).toMatchObject({
      reason: 'defines a helper again',
    })
  })
})

test('what ends a completion never occurs in Python code', () => {
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

test('where one function is asked for, several are refused', () => {
  const text = answered(
    fence('python', 'class A:\n    def g(self): pass\ndef f(a): return a') + fence('input', '3'),
  )
  expect(r1.parseProposal('deduction', text, context()).ok).toBe(true)
  const one = reading({ functions: 'one' }).parseProposal('deduction', text, context())
  expect(one).toEqual({ ok: false, reason: 'more than one function' })
})

test('a program that is asked for is told its time', () => {
  expect(r1.solverPrompt(task('induction'))).toContain('less than 1 seconds')
})

test.each(['```output\n', 'output(', '<output>', '# Output:', '`', ' '])(
  'many times %j take no time',
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

  test('parts beyond those asked for are refused or, as published, dropped', () => {
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
      // What the published reader takes for a program or a message counts as one.
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

describe('micro', () => {
  test('asks for proposals', () => {
    expect(micro.proposerPrompt('deduction', context())).toBe('<PD>def f(z):\n    return z * 7<S>')
    expect(micro.proposerPrompt('abduction', context({ references: [] }))).toBe('<PB><S>')
    const asked = context({ program: task('deduction') })
    expect(micro.proposerPrompt('induction', asked)).toBe('<PF>def f(a):\n    return a + 1<S>')
  })

  test.each([
    ['<A>5', { ok: true, value: '5' }],
    ['<T>3;5;<A>5', { ok: true, value: '5' }],
    ['5', { ok: false, reason: 'no answer' }],
    ['<A>5<A>6', { ok: false, reason: 'more than one marker' }],
    ['junk<A>5', { ok: false, reason: 'more than one marker' }],
  ])('reads %s', (text, found) => {
    expect(micro.parseAnswer('deduction', text)).toEqual(found)
  })

  test('reads proposals', () => {
    const read = (kind: Kind, text: string) => micro.parseProposal(kind, text, context())
    expect(read('deduction', 'def f(a):\n return a<I>3')).toEqual({
      ok: true,
      value: { program: 'def f(a):\n return a', inputs: ['3'], message: '' },
    })
    expect(read('deduction', 'def f(a)')).toEqual({ ok: false, reason: 'no input marker' })
    expect(read('deduction', 'p<I>1<I>2')).toEqual({ ok: false, reason: 'more than one marker' })
    expect(read('induction', '1;2;3')).toEqual({ ok: false, reason: 'too few inputs' })
  })
})

test('micro: a proposal of inputs ends with the last that is asked for', () => {
  const end = micro.proposalEnd('induction', context({ inputs: 3 }))
  expect(end).toEqual({ text: ';', count: 3 })
  const ends = (text: string) => end && endIn(text, end)
  expect(['1;2', '1;2;3', '1;2;3;', '1;2;3;4;5'].map(ends)).toEqual([-1, -1, 5, 5])
  expect(micro.proposalEnd('deduction', context())).toBe(undefined)
})

describe('code', () => {
  const asked = context({ program: task('deduction'), inputs: 3 })
  const ended = (kind: Kind, text: string) => {
    const end = code.proposalEnd(kind, asked)
    const at = end ? endIn(text, end) : -1
    return code.parseProposal(kind, at < 0 ? text : text.slice(0, at), asked)
  }

  test('proposals go on from references, under a head that is always the same', () => {
    for (const kind of ['deduction', 'abduction'] as const) {
      const [one, other] = [code.proposerPrompt(kind, asked), code.proposerPrompt(kind, context())]
      const none = code.proposerPrompt(kind, context({ references: [] }))
      expect(one.startsWith(none.slice(0, -'def f('.length))).toBe(true)
      expect(other).toBe(one)
      expect(one.endsWith('\n    return z * 7\n\nassert f(10) == 11\n\n\ndef f(')).toBe(true)
    }
    const calls = code.proposerPrompt('induction', asked)
    expect(calls.endsWith('def f(a):\n    return a + 1\n\nf(10)\nf(')).toBe(true)
  })

  test('a proposal ends with its call, and claims no output', () => {
    const text = 'a: int) -> int:\n    if len(str(a)) == 2:\n        return 1\n\n    return a\n\n'
    const program = `def f(${text.trimEnd()}`
    const value = { program, inputs: ['12'], message: '' }
    expect(ended('deduction', `${text}assert f(12) == 1\n\n\ndef`)).toEqual({ ok: true, value })
    expect(ended('abduction', text)).toEqual({ ok: false, reason: 'no call' })
    expect(ended('induction', '1)\nf(2)\nf([3, 4])\nf(5)')).toMatchObject({
      value: { program: task('deduction').program, inputs: ['1', '2', '[3, 4]'] },
    })
    expect(ended('induction', '1)\nf(2)')).toEqual({ ok: false, reason: 'too few inputs' })
    expect(ended('induction', '1)\nx = 2\nf(3)\n')).toEqual({
      ok: false,
      reason: 'a line that is no call',
    })
  })

  test('a solver goes on from what is known', () => {
    expect(code.solverPrompt(task('deduction'))).toMatch(/return a \+ 1\n\nassert f\(10\) ==$/)
    expect(code.solverPrompt(task('abduction'))).toMatch(/a \+ 1\n\n# f\(\?\) == 11\nassert f\($/)
    const pairs = 'assert f(10) == 11\nassert f(20) == 21\n\ndef f('
    expect(code.solverPrompt(task('induction')).endsWith(`\n\n\n${pairs}`)).toBe(true)
  })

  test.each([
    ['deduction', ' 7', '7', false],
    ['deduction', ' # a is 6\n# so 7\n7', '7', true],
    ['deduction', ' [1,\n  2]', '[1,\n  2]', false],
    ['abduction', '"a#b", 2', '"a#b", 2', false],
    ['abduction', '\n    # any\n    3', '3', true],
    ['induction', 'a):\n    return a', 'def f(a):\n    return a', false],
  ] as const)('%s reads %j', (kind, text, value, thinks) => {
    expect(code.parseAnswer(kind, text)).toEqual({ ok: true, value })
    expect(code.hasScratch(text)).toBe(thinks)
  })

  test.each(kinds)('%s: vLLM takes no more than four stop texts', kind => {
    for (const role of ['proposer', 'solver'] as const) {
      expect(code.stopsOf(role, kind).length).toBeLessThanOrEqual(4)
    }
  })

  test('no stop ends working', () => {
    for (const text of [' # a is 6\n# so 7\n7', ' # 6\n7']) {
      expect(code.stopsOf('solver', 'deduction').filter(stop => text.includes(stop))).toEqual([])
    }
    expect(code.stopsOf('solver', 'deduction')).toContain('\n\n')
    expect(micro.stopsOf('solver', 'deduction')).toEqual([])
  })

  test('thoughts without an answer are none', () => {
    const none = { ok: false, reason: 'no answer' }
    expect(code.parseAnswer('deduction', ' # hm\n')).toEqual(none)
  })
})

/** Otherwise every prompt would teach something false. */
test('code: each example of a head gives what it says', () => {
  const shown = [...followed, ...inverted].map(({ program, input, output }) => {
    return { program, pairs: [[input, output] as const] }
  })
  const lines = [...shown, ...paired].flatMap(({ program, pairs }) => [
    program,
    ...pairs.map(([input, output]) => `assert f(${input}) == ${output}, ${JSON.stringify(input)}`),
  ])
  const { status, stderr } = spawnSync(python, ['-c', lines.join('\n')], { encoding: 'utf8' })
  expect(stderr).toBe('')
  expect(status).toBe(0)
})

/** The same examples bind the Python side: trainer/tests/test_dialect.py. */
describe('micro: what the embedded model was pretrained on', () => {
  const path = join(import.meta.dirname, '..', 'fixtures', 'micro-dialect.json')
  const { program, inputs, outputs, forms } = JSON.parse(readFileSync(path, 'utf8'))
  const pairs = inputs.map((input: string, i: number) => {
    return { input, output: outputs[i], canonical: outputs[i] }
  })
  const of = (kind: Kind) => task(kind, { program, pairs })

  test.each(kinds)('%s', kind => {
    expect(micro.solverPrompt(of(kind))).toBe(forms[kind].prompt)
    const values = { deduction: outputs[0], abduction: inputs[0], induction: program }
    const value = values[kind as keyof typeof values]
    expect(micro.parseAnswer(kind, forms[kind].completion)).toEqual({ ok: true, value })
  })

  test('writing the values first', () => {
    expect(micro.parseAnswer('deduction', forms.deduction.scratch)).toMatchObject({ value: '8' })
  })

  test('proposing', () => {
    const references = [task('deduction', { program: forms.proposal.reference })]
    expect(micro.proposerPrompt('deduction', context({ references }))).toBe(forms.proposal.prompt)
    const draft = micro.parseProposal('deduction', forms.proposal.completion, context())
    expect(draft).toMatchObject({ value: { program, inputs: ['1'] } })
    const asked = context({ program: of('deduction') })
    expect(micro.proposerPrompt('induction', asked)).toBe(forms.inputs.prompt)
    const more = micro.parseProposal('induction', forms.inputs.completion, asked)
    expect(more).toMatchObject({ value: { program, inputs } })
  })
})

test.each([r1, micro])('$name: the first tasks are whole', ({ zeroTask }) => {
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
