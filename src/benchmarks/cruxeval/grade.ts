/**
 * Grades CRUXEval by execution. An input is run. An output is evaluated without the program, so
 * that repeating the call is not an answer. It compares values, not texts. cruxeval.py decides what
 * may be a value.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Execution } from '../../../domain/execution.ts'
import type { Tools } from '../benchmark.ts'
import { fencesIn } from '../code.ts'
import { answerText, bracketed, withoutThoughts } from '../extract.ts'
import { type Grade, malformed } from '../grade.ts'

export type CruxevalItem = { id: string; code: string; input: string; output: string }

const limits = { timeoutMs: 3000, memoryMb: 1024, maxOutputBytes: 65536, runs: 1 } as const
const program = readFileSync(join(import.meta.dirname, 'cruxeval.py'), 'utf8')

/**
 * The answer's text: in brackets, in the last fence of its tag, after the last `==`, or everything.
 */
function answerOf(completion: string, tag: string): string {
  const text = bracketed(withoutThoughts(completion)) ?? answerText(completion)
  const fences = fencesIn(text)
  const tagged = (...tags: string[]) => fences.findLast(fence => tags.includes(fence.tag))
  return (tagged(tag) ?? tagged('python', ''))?.body.trim() ?? text.trim()
}

/** The value may be written as `assert f(…) == value` or `f(…) == value`. */
const outputOf = (completion: string) =>
  answerOf(completion, 'output').replace(/^(?:assert\s+)?f\([\s\S]*\)\s*==\s*/, '')

/** The arguments may be written as `f(…)`. */
function inputOf(completion: string): string {
  const text = answerOf(completion, 'input').replace(/^assert\s+/, '')
  const call = text.replace(/\s*==[\s\S]*$/, match => (text.startsWith('f(') ? '' : match))
  return /^f\(([\s\S]*)\)$/.exec(call)?.[1] ?? text
}

type Called = { program: string; entry: string }

async function run(called: Called, input: string, { sandbox, signal }: Tools) {
  const [found] = await sandbox.execute({ ...called, inputs: [input], limits }, signal)
  if (!found || found.outcome === 'ungraded') throw new Error(found?.error ?? 'no outcome')
  return found
}

const read = (entry: 'value' | 'arguments', text: string, tools: Tools) =>
  run({ program, entry }, JSON.stringify(text), tools)

function gradeOf(found: Execution, expected: string, extracted: string): Grade {
  if (found.outcome === 'returned' && found.canonical === expected) {
    return { verdict: 'correct', extracted, detail: null }
  }
  const why = [found.outcome, found.error].filter(Boolean).join(': ')
  const detail = found.outcome === 'returned' ? `gives ${found.output}` : why
  if (/SyntaxError/.test(found.error ?? '')) return malformed(detail, extracted)
  const said = /NotAValue/.test(why)
    ? 'an output has to be a value, not an expression that computes it'
    : detail
  return { verdict: 'wrong', extracted, detail: said }
}

async function gradeInput(code: string, expected: string, text: string, tools: Tools) {
  const found = await run({ program: code, entry: 'f' }, text, tools)
  const grade = gradeOf(found, expected, text)
  if (grade.verdict !== 'correct') return grade
  const { outcome } = await read('arguments', text, tools)
  const detail = 'an input has to be made of values, without classes that it defines'
  return outcome === 'returned' ? grade : { ...grade, verdict: 'wrong' as const, detail }
}

/** `asks` names the part that the solver has to find. */
export async function gradeExecution(
  asks: 'input' | 'output',
  item: CruxevalItem,
  completion: string,
  tools: Tools,
): Promise<Grade> {
  const { canonical } = await read('value', item.output, tools)
  if (canonical === null) throw new Error(`the output of ${item.id} is not a value`)
  const extracted = asks === 'input' ? inputOf(completion) : outputOf(completion)
  // An input may be empty if the program takes no arguments.
  if (extracted === '' && item.input !== '') return malformed('no answer')
  return asks === 'input'
    ? gradeInput(item.code, canonical, extracted, tools)
    : gradeOf(await read('value', extracted, tools), canonical, extracted)
}
