/** The dialect `code`: its prompts, its readers, and where answers end. */
import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { builtInNames as kinds } from '../../domain/kinds/index.ts'
import { followed, inverted, paired } from '../../domain/prompts/code-head.ts'
import { endIn } from '../../domain/prompts/end.ts'
import { microDialect as micro } from '../../domain/prompts/index.ts'
import { drawParameters } from '../../domain/prompts/parameters.ts'
import { stream } from '../../domain/rng.ts'
import type { Kind } from '../../domain/task.ts'
import { python } from '../../src/config/paths.ts'
import { code, context, task } from './prompting.ts'

describe('code', () => {
  const asked = context({ program: task('deduction'), inputs: 3 })
  const ended = (kind: Kind, text: string) => {
    const end = code.proposalEnd(kind, asked)
    const at = end ? endIn(text, end) : -1
    return code.parseProposal(kind, at < 0 ? text : text.slice(0, at), asked)
  }

  test('proposals continue references, after a head that is always the same', () => {
    for (const kind of ['deduction', 'abduction'] as const) {
      const [one, other] = [code.proposerPrompt(kind, asked), code.proposerPrompt(kind, context())]
      const none = code.proposerPrompt(kind, context({ references: [] }))
      expect(one.startsWith(none.slice(0, -'def f'.length))).toBe(true)
      expect(other).toBe(one)
      expect(one.endsWith('\n    return z * 7\n\nassert f(10) == 11\n\n\ndef f')).toBe(true)
    }
    const calls = code.proposerPrompt('induction', asked)
    expect(calls.endsWith('def f(a):\n    return a + 1\n\nf(10)\n')).toBe(true)
  })

  test('a proposal ends with its calls, without an output', () => {
    const text = '(a: int) -> int:\n    if len(str(a)) == 2:\n        return 1\n\n    return a\n\n'
    const program = `def f${text.trimEnd()}`
    const value = { program, inputs: ['12'], message: '' }
    expect(ended('deduction', `${text}assert f(12) == 1\n\n\ndef`)).toEqual({ ok: true, value })
    expect(ended('abduction', text)).toEqual({ ok: false, reason: 'no call' })
    expect(ended('induction', 'f(2)\nf([3, 4])\nf(5)')).toMatchObject({
      value: { program: task('deduction').program, inputs: ['10', '2', '[3, 4]'] },
    })
    expect(ended('induction', 'f(2)')).toEqual({ ok: false, reason: 'too few inputs' })
    expect(ended('induction', 'x = 2\nf(3)\n')).toEqual({
      ok: false,
      reason: 'a line that is no call',
    })
  })

  test('a function may have to begin with drawn parameters', () => {
    const typed = context({ parameters: 'text: str, k: int' })
    for (const kind of ['deduction', 'abduction'] as const) {
      expect(code.proposerPrompt(kind, typed).endsWith('\n\n\ndef f(text: str, k: int) ->')).toBe(
        true,
      )
      expect(
        code.parseProposal(kind, ' str:\n    return text[k:]\n\nassert f("abc", 1', typed),
      ).toEqual({
        ok: true,
        value: {
          program: 'def f(text: str, k: int) -> str:\n    return text[k:]',
          inputs: ['"abc", 1'],
          message: '',
        },
      })
    }
  })

  test('drawn parameters depend on the key alone, have different names and cover all types', () => {
    const drawn = Array.from({ length: 300 }, (_, i) => drawParameters(stream(1, 'parameters', i)))
    expect(drawParameters(stream(1, 'parameters', 7))).toBe(drawn[7])
    for (const one of drawn) {
      const names = one.split(/: [a-z]+(?:\[[^\]]*\])?(?:, |$)/).filter(Boolean)
      expect(names.length).toBeLessThanOrEqual(3)
      expect(new Set(names).size).toBe(names.length)
    }
    for (const type of [
      'int',
      'str',
      'list[int]',
      'list[str]',
      'dict[str, int]',
      'tuple[int, int]',
    ]) {
      expect(drawn.some(one => one.endsWith(`: ${type}`))).toBe(true)
    }
    expect(new Set(drawn).size).toBeGreaterThan(100)
  })

  test('a solver continues what is known', () => {
    expect(code.solverPrompt(task('deduction'))).toMatch(/return a \+ 1\n\nassert f\(10\) ==$/)
    expect(code.solverPrompt(task('abduction'))).toMatch(/a \+ 1\n\n# f\(\?\) == 11\n$/)
    const pairs = 'assert f(10) == 11\nassert f(20) == 21\n\ndef f'
    expect(code.solverPrompt(task('induction')).endsWith(`\n\n\n${pairs}`)).toBe(true)
  })

  test.each([
    ['deduction', ' 7', '7', false],
    ['deduction', ' # a is 6\n# so 7\n7', '7', true],
    ['deduction', ' [1,\n  2]', '[1,\n  2]', false],
    ['abduction', 'assert f("a#b", 2)', '"a#b", 2', false],
    ['abduction', '# any\nassert f((3, 4))', '(3, 4)', true],
    ['induction', '(a):\n    return a', 'def f(a):\n    return a', false],
  ] as const)('%s reads %j', (kind, text, value, thinks) => {
    expect(code.parseAnswer(kind, text)).toEqual({ ok: true, value })
    expect(code.hasScratch(text)).toBe(thinks)
  })

  test.each(kinds)('%s: vLLM accepts at most four stop texts', kind => {
    for (const role of ['proposer', 'solver'] as const) {
      expect(code.stopsOf(role, kind).length).toBeLessThanOrEqual(4)
    }
  })

  test('no stop text ends working', () => {
    for (const text of [' # a is 6\n# so 7\n7', ' # 6\n7']) {
      expect(code.stopsOf('solver', 'deduction').filter(stop => text.includes(stop))).toEqual([])
    }
    expect(code.stopsOf('solver', 'deduction')).toContain('\n\n')
    expect(micro.stopsOf('solver', 'deduction')).toEqual([])
  })

  test('thoughts without an answer are no answer', () => {
    const none = { ok: false, reason: 'no answer' }
    expect(code.parseAnswer('deduction', ' # hm\n')).toEqual(none)
    expect(code.parseAnswer('abduction', '# hm\n')).toEqual(none)
    expect(code.parseAnswer('abduction', '3')).toEqual({ ok: false, reason: 'no call' })
  })
})

/** A wrong example would teach every prompt something false. */
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
