/**
 * HumanEval+ and MBPP+: an answer has to do what the canonical solution does on all base and plus
 * inputs. What is expected is found by running that solution, in a process of its own, once.
 */
import type { Sandbox } from '../../sandbox/types.ts'
import { firstMiss, needsInputs, type Rules, viewOf } from '../domain/grading/evalplus.ts'
import { codeOf } from '../domain/grading/extract.ts'
import { type Grade, malformed } from '../domain/grading/grade.ts'
import { rawFields } from '../domain/grading/raw.ts'
import { type Call, runCalls } from './calls.ts'
import { isEqual } from './equal.ts'

type Tests = { name: 'base' | 'plus'; inputs: string }
type Expected = { text: string; seconds: number }[]

export type EvalplusItem = {
  id: string
  prompt: string
  entry: string
  solution: string
  atol: number
  tests: Tests[]
}

/** Limits as evalplus has them, in CPU seconds: of a call by the reference's own time, of all. */
const leastSeconds = 4
const timesReference = 4
const mostSeconds = 60

/** From a line of the set; inputs stay text, so that numbers stay what they were. */
export function readEvalplusItem(line: string): EvalplusItem {
  const fields = rawFields(line)
  const text = (name: string) => JSON.parse(fields.get(name) ?? 'null')
  const tests = (['base', 'plus'] as const).flatMap((name): Tests[] => {
    const json = fields.get(`${name}_input`) ?? '[]'
    const literal = fields.get(`${name}_input_py`)
    const inputs = literal && literal !== 'null' ? literal : json
    // A task without plus tests has an empty object there.
    return /^(?:\[\s*\]|\{\s*\})$/.test(json) ? [] : [{ name, inputs }]
  })
  return {
    id: text('id'),
    prompt: text('prompt'),
    entry: text('entry_point'),
    solution: text('canonical_solution'),
    atol: text('atol') ?? 0,
    tests,
  }
}

/** Why a list of calls does not count as having come through. */
function failureOf(calls: readonly Call[], count: number): string | null {
  const last = calls.at(-1)
  if (last?.how === 'unread' || last?.how === 'unloaded') return `${last.how}: ${last.text}`
  if (last?.how === 'raised') return `${last.text} on test ${calls.length}`
  if (last?.how === 'slow') return `too slow on test ${calls.length}`
  return calls.length < count ? `ended before test ${calls.length + 1}` : null
}

export function createEvalplus(sandbox: Sandbox, set: Rules['set']) {
  const known = new Map<string, Promise<Expected>>()

  async function reference(item: EvalplusItem, { name, inputs }: Tests): Promise<Expected> {
    const job = { program: item.prompt + item.solution, entry: item.entry, inputs }
    const limits = [mostSeconds]
    const view = viewOf(set, item.entry)
    const found = await runCalls(sandbox, { ...job, limits, view, totalSeconds: mostSeconds })
    const failure = found.cut ?? failureOf(found.calls, 1)
    if (failure)
      throw new Error(`the reference of ${item.id} fails on its ${name} tests: ${failure}`)
    return found.calls
  }
  function expectedOf(item: EvalplusItem, tests: Tests): Promise<Expected> {
    const key = `${item.id} ${tests.name}`
    const found = known.get(key) ?? reference(item, tests)
    known.set(key, found)
    found.catch(() => known.delete(key))
    return found
  }

  async function failure(item: EvalplusItem, tests: Tests, program: string, signal?: AbortSignal) {
    const expected = await expectedOf(item, tests)
    const limits = expected.map(({ seconds }) => Math.max(leastSeconds, timesReference * seconds))
    const totalSeconds =
      Math.min(
        mostSeconds,
        limits.reduce((sum, one) => sum + one, 0),
      ) + 1
    const view = viewOf(set, item.entry)
    const { entry } = item
    const job = { program, entry, inputs: tests.inputs, limits, view, totalSeconds }
    const { calls, cut, isUngraded } = await runCalls(sandbox, job, signal)
    if (isUngraded) throw new Error(cut ?? 'ungraded')
    if (cut) return { why: cut, isRead: true }
    const isRead = calls[0]?.how !== 'unread'
    const broken = failureOf(calls, expected.length)
    if (broken) return { why: broken, isRead }
    const rules = { set, entry, isEqual }
    const inputs = needsInputs(item.entry) ? (JSON.parse(tests.inputs) as unknown[][]) : []
    const texts = (all: readonly { text: string; how?: string }[]) =>
      all.map(({ text, how }) => (how === 'other' ? `<${text}>` : text))
    const miss = firstMiss(rules, texts(calls), texts(expected), inputs, item.atol)
    return miss < 0 ? null : { why: `another value on test ${miss + 1}`, isRead }
  }

  return async (item: EvalplusItem, completion: string, signal?: AbortSignal): Promise<Grade> => {
    const { code, isFenced } = codeOf(completion, item.entry)
    if (code.trim() === '') return malformed('no code')
    const isWhole = isFenced && new RegExp(`^\\s*def\\s+${item.entry}\\b`, 'm').test(code)
    const program = isWhole ? code : item.prompt + code
    for (const tests of item.tests) {
      const found = await failure(item, tests, program, signal)
      if (!found) continue
      const detail = `${tests.name}: ${found.why}`
      return found.isRead ? { verdict: 'wrong', extracted: code, detail } : malformed(detail, code)
    }
    return { verdict: 'correct', extracted: code, detail: null }
  }
}
