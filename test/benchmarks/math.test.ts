/**
 * Mathematics in the forms that models write. `math.jsonl` has a reference, a completion, the
 * verdict that it `was` given before, and the right one. Right answers have nearly right ones next
 * to them. With AZR_DATA it also tests the real sets: every reference is right, changed ones are
 * not.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { filledLines } from '../../lib/lines.ts'
import { startSandbox } from '../../sandbox/index.ts'
import { openProfile } from '../../sandbox/profiles.ts'
import { codeTexts } from '../../src/benchmarks/code.ts'
import { withoutThoughts } from '../../src/benchmarks/extract.ts'
import { mathAnswer } from '../../src/benchmarks/math/answer.ts'
import { gradeProblem, type MathItem, readMathItem } from '../../src/benchmarks/math/grade.ts'
import { math } from '../../src/benchmarks/math/index.ts'
import { profileFolder, python, root } from '../../src/config/paths.ts'

vi.setConfig({ testTimeout: 900_000, hookTimeout: 60_000 })

const profile = await openProfile('mathematics', { python, home: profileFolder })
const sandbox = await startSandbox({ python, workers: 2, profile })
afterAll(() => sandbox.stop())

/** Our verdict alone, without the paper's comparison. */
const ours = {
  ...sandbox,
  execute: (async (one, signal) =>
    one.inputs[0]?.endsWith(', True')
      ? [{ outcome: 'returned', output: 'False', error: null, cpuMs: 0 }]
      : sandbox.execute(one, signal)) as typeof sandbox.execute,
}

type Asked = { item: MathItem; completion: string; keepsUnits?: boolean }

async function verdicts(asked: readonly Asked[]): Promise<string[]> {
  const found: string[] = []
  let next = 0
  const lane = async () => {
    for (let at = next++; at < asked.length; at = next++) {
      const { item, completion, keepsUnits = false } = asked[at] as Asked
      const grade = await gradeProblem({ item, completion, keepsUnits }, { sandbox: ours })
      found[at] = grade.verdict
    }
  }
  await Promise.all([lane(), lane()])
  return found
}

const linesOf = (path: string) => filledLines(readFileSync(path, 'utf8')).map(({ text }) => text)

test('answers in the forms that models write', async () => {
  const path = join(root, 'test', 'fixtures', 'benchmarks', 'math.jsonl')
  const cases = linesOf(path).map(line => JSON.parse(line))
  const asked = cases.map(({ reference, problem = '', completion, keepsUnits }): Asked => {
    return { item: { id: '', problem, gt: reference, answer: reference }, completion, keepsUnits }
  })
  const found = await verdicts(asked)
  expect(cases.filter(({ is }, at) => found[at] !== is)).toEqual([])
  expect(cases.filter(({ was, is }) => was !== is).length).toBeGreaterThan(150)
})

test("e-notation is a number in the paper's verdict, too", async () => {
  const item = { id: '', problem: '', gt: '3.89e-10', answer: '3.89e-10' }
  const grade = async (completion: string) => {
    const found = await gradeProblem({ item, completion, keepsUnits: true }, { sandbox })
    return [found.verdict, found.paperVerdict]
  }
  expect(await grade('\\boxed{3.89 \\times 10^{-10} \\text{ m}}')).toEqual(['correct', 'correct'])
  expect(await grade('\\boxed{3.89e-10}')).toEqual(['correct', 'correct'])
  expect(await grade('\\boxed{3.89 \\times 10^{-9}}')).toEqual(['wrong', 'wrong'])
})

describe('a thought is not an answer', () => {
  test.each([
    ['<think>a</think>b', 'b'],
    ['a</think>b', 'b'],
    ['<think>a</think>b<think>c</think>d', 'bd'],
    ['<think>a<think>b</think>c</think>d', 'd'],
    ['<think><think>a</think>b', 'b'],
    ['<THINK mode="x">a</Think >b', 'b'],
    ['<thinking>a</thinking>b', 'b'],
    ['b<think>a', 'b'],
    ['<think>a<answer>b</answer>', '<answer>b</answer>'],
    ['<think><answer>a</answer></think>b<think>c', 'b'],
    ['<think>a', '<think>a'],
    ['<think>a</think> ', '<think>a</think> '],
    ['<think/>a', '<think/>a'],
    ['a < think > b', 'a < think > b'],
    ['[THINK]a[/THINK]b', 'b'],
    ['<reasoning>a</reasoning>b', 'b'],
    ['◁think▷a◁/think▷b', 'b'],
    ['<|begin_of_thought|>a<|end_of_thought|>b', 'b'],
    ['<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>final<|message|>b', 'b'],
    ['', ''],
  ])('%j: %j', (text, outside) => expect(withoutThoughts(text)).toBe(outside))

  test('a fence in a thought is not an answer', () => {
    const draft = '<think>\n```python\ndef g(): return 0\n```\n</think>\n'
    const final = '```python\ndef g(): return 1\n```'
    expect(codeTexts(draft + final)[0]).toBe('def g(): return 1\n')
    expect(codeTexts(draft + final).join('')).not.toContain('return 0')
  })
})

test.each([
  ['\\boxed{1}, \\boxed{2} and \\boxed{3}', 1, '1, 2, 3'],
  ['\\boxed{1} makes it \\boxed{2}', 1, '2'],
  ['\\boxed{1} is one. The other is \\boxed{2}', 2, '1, 2'],
  ['\\boxed{\\boxed{1}, \\fbox{2}}', 1, '1, 2'],
  ['\\boxed{1} \\boxed{\\dots}', 1, '1'],
  ['\\boxed{\\frac{1}{\\boxed{2}}}', 1, '\\frac{1}{2}'],
  ['\\boxed{1}, and \\boxed{2', 1, null],
])('boxes in %j, %d asked: %j', (text, count, answer) => {
  expect(mathAnswer(`${text}\n.`, count)).toBe(answer)
})

const sets = process.env.AZR_DATA ?? ''

/** Another number, sign, unit or base. */
function changed(answer: string): string[] {
  const number = /\d+/.exec(answer)
  if (!number) return []
  const last = answer.length - [...answer].reverse().findIndex(sign => /\d/.test(sign)) - 1
  const other = (Number(answer[last]) % 9) + 1
  const made = [
    answer.slice(0, last) + other + answer.slice(last + 1),
    answer.slice(0, number.index) +
      (Number(number[0]) + 1) +
      answer.slice(number.index + number[0].length),
  ]
  const sign = /^-?(?:[\d.]|\\frac)/.test(answer) && !/^0*$/.test(answer)
  if (sign && !/^0\s*,/.test(answer))
    made.push(answer.startsWith('-') ? answer.slice(1) : `-${answer}`)
  if (/degrees|\\circ/.test(answer) && !answer.includes(','))
    made.push(answer.replace(/\^\{?\\circ\}?|\\text\{ degrees\}/, '\\text{ radians}'))
  if (/inches|cm|cents/.test(answer)) made.push(answer.replace(/inches|cm|cents/, 'feet'))
  if (answer.startsWith('\\$')) made.push(`${answer.slice(2)} \\text{ cents}`)
  if (/^\d+_/.test(answer))
    made.push(answer.replace(/_\{?(\d)\}?/, (_, base) => `_${Number(base) + 1}`))
  const [, mantissa, power] = /^(-?[\d.]+)e(-?\d+)$/.exec(answer) ?? []
  if (mantissa) made.push(`${mantissa} \\times 10^{${Number(power) + 1}}`)
  return made
}

describe.skipIf(!existsSync(join(sets, 'math500')))('the real sets, named in AZR_DATA', () => {
  test.each(math.map(({ name }) => name))('%s', async name => {
    const keepsUnits = name === 'minerva_math'
    const items = linesOf(join(sets, name, `${name}.jsonl`)).map(readMathItem)
    const boxed = (answer: string) => `It is $\\boxed{${answer}}$.`
    const bare = ({ answer }: MathItem) => answer.replaceAll(/(?<!\\)\$|\.$/g, '')
    const right = items.flatMap(item => {
      const [, mantissa, power] = /^(-?[\d.]+)e(-?\d+)$/.exec(item.answer) ?? []
      const tex = mantissa ? [boxed(`${mantissa} \\times 10^{${power}} \\mathrm{~m}`)] : []
      const answers = [boxed(bare(item)), `<answer>${item.answer}</answer>`, ...tex]
      return answers.map(completion => ({ item, completion, keepsUnits }))
    })
    const wrong = items.flatMap(item =>
      changed(bare(item)).map(answer => ({ item, completion: boxed(answer), keepsUnits })),
    )
    const [said, denied] = [await verdicts(right), await verdicts(wrong)]
    const notRight = right.filter((_, at) => said[at] !== 'correct')
    const notWrong = wrong.filter((_, at) => denied[at] === 'correct')
    console.log(
      `${name}: ${right.length - notRight.length} of ${right.length} right, ` +
        `${wrong.length - notWrong.length} of ${wrong.length} changed ones wrong`,
    )
    expect([...notRight, ...notWrong].map(({ item, completion }) => [item.id, completion])).toEqual(
      [],
    )
  })
})
