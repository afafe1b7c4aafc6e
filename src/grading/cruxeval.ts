/**
 * CRUXEval by execution: an input is run, an output is evaluated apart from the program, so that
 * the call itself is no answer. Values are compared, not texts.
 */
import type { Execution, Sandbox } from '../../sandbox/types.ts'
import { answerText, bracketed, fencesOf } from '../domain/grading/extract.ts'
import { type Grade, malformed } from '../domain/grading/grade.ts'

export type CruxevalItem = { id: string; code: string; input: string; output: string }

const limits = { timeoutMs: 3000, memoryMb: 1024, maxOutputBytes: 65536, runs: 1 } as const
/** Under a name of its own: a call of `f` is no output. */
const identity = { program: 'def the_value(value):\n    return value', entry: 'the_value' }

export function readCruxevalItem(line: string): CruxevalItem {
  const { id, code, input, output } = JSON.parse(line)
  return { id, code, input, output }
}

/** The answer's text: bracketed, in the last fence of its tag, after the last `==`, or all of it. */
function answerOf(completion: string, tag: string): string {
  const text = bracketed(completion) ?? answerText(completion)
  const found = fencesOf(text, [tag]).at(-1) ?? fencesOf(text, ['python', '']).at(-1) ?? text
  return found.trim()
}

/** `assert f(…) == value` and `f(…) == value` are ways to write the value. */
const outputOf = (completion: string) =>
  answerOf(completion, 'output').replace(/^(?:assert\s+)?f\([\s\S]*\)\s*==\s*/, '')

/** `f(…)` is a way to write its arguments. */
function inputOf(completion: string): string {
  const text = answerOf(completion, 'input').replace(/^assert\s+/, '')
  const call = text.replace(/\s*==[\s\S]*$/, match => (text.startsWith('f(') ? '' : match))
  return /^f\(([\s\S]*)\)$/.exec(call)?.[1] ?? text
}

type Called = { program: string; entry: string }

async function run(sandbox: Sandbox, called: Called, input: string, signal?: AbortSignal) {
  const [found] = await sandbox.execute({ ...called, inputs: [input], limits }, signal)
  if (!found || found.outcome === 'ungraded') throw new Error(found?.error ?? 'no outcome')
  return found
}

function gradeOf(found: Execution, expected: string, extracted: string): Grade {
  if (found.outcome === 'returned' && found.canonical === expected) {
    return { verdict: 'correct', extracted, detail: null }
  }
  const why = [found.outcome, found.error].filter(Boolean).join(': ')
  const detail = found.outcome === 'returned' ? `gives ${found.output}` : why
  const isUnread = found.outcome === 'rejected' && /SyntaxError/.test(found.error ?? '')
  return isUnread ? malformed(detail, extracted) : { verdict: 'wrong', extracted, detail }
}

export function createCruxeval(sandbox: Sandbox, asks: 'input' | 'output') {
  return async (item: CruxevalItem, completion: string, signal?: AbortSignal): Promise<Grade> => {
    const expected = await run(sandbox, identity, item.output, signal)
    if (expected.canonical === null) throw new Error(`the output of ${item.id} is no value`)
    const extracted = asks === 'input' ? inputOf(completion) : outputOf(completion)
    // An input may be empty where the program takes none.
    if (extracted === '' && item.input !== '') return malformed('no answer')
    const called = asks === 'input' ? { program: item.code, entry: 'f' } : identity
    const found = await run(sandbox, called, extracted, signal)
    return gradeOf(found, expected.canonical, extracted)
  }
}
