/**
 * HumanEval+ and MBPP+: an answer has to do what the canonical solution does on all base and plus
 * inputs. Until what that gives is there (expected.ts), answers run beside it, within the least of
 * all limits.
 */

import { type CallJob, type Calls, runCalls } from '../calls.ts'
import { isEqual } from '../equal.ts'
import { codeOf } from '../extract.ts'
import { type Grade, malformed } from '../grade.ts'
import type { OwnTools } from '../own.ts'
import {
  type Asked,
  type Expected,
  expectedOf,
  failureOf,
  jobOf,
  mostSeconds,
  recall,
} from './expected.ts'
import type { EvalplusItem } from './item.ts'
import { type EvalplusName, firstMiss, needsInputs } from './rules.ts'

/** Limits as evalplus has them, in CPU seconds: of a call by the reference's own time, of all. */
const leastSeconds = 4
const timesReference = 4

type Limits = Pick<CallJob, 'limits' | 'totalSeconds'>

function limitsOf(expected: Expected): Limits {
  const limits = expected.map(({ seconds }) => Math.max(leastSeconds, timesReference * seconds))
  const all = limits.reduce((sum, one) => sum + one, 0)
  return { limits, totalSeconds: Math.min(mostSeconds, all) + 1 }
}
/** Of those whose reference is not there yet: who comes through within these does so within any. */
const leastLimits: Limits = { limits: [leastSeconds], totalSeconds: mostSeconds + 1 }

const ranOut = ({ calls, cut }: Calls) => cut !== null || calls.at(-1)?.how === 'slow'

/** What the program gives, and what it has to give. */
async function runBoth(asked: Asked, program: string, tools: OwnTools) {
  const { sandbox, signal } = tools
  const run = (limits: Limits) => runCalls(sandbox, { ...jobOf(asked), program, ...limits }, signal)
  const recalled = await recall(asked, tools)
  if (recalled) return { found: await run(limitsOf(recalled)), expected: recalled }
  const [found, expected] = await Promise.all([run(leastLimits), expectedOf(asked, tools)])
  const limits = limitsOf(expected)
  const hadLess = limits.limits.some(one => one > leastSeconds)
  return { found: ranOut(found) && hadLess ? await run(limits) : found, expected }
}

const textsOf = (calls: Expected) =>
  calls.map(({ text, how }) => (how === 'other' ? `<${text}>` : text))

function missOf({ benchmark, item, tests }: Asked, calls: Expected, expected: Expected): number {
  const rules = { benchmark, entry: item.entry, isEqual }
  const inputs = needsInputs(item.entry) ? (JSON.parse(tests.inputs) as unknown[][]) : []
  return firstMiss(rules, textsOf(calls), textsOf(expected), inputs, item.atol)
}

async function failureIn(asked: Asked, program: string, tools: OwnTools) {
  const { found, expected } = await runBoth(asked, program, tools)
  const { calls, cut, isUngraded } = found
  if (isUngraded) throw new Error(cut ?? 'ungraded')
  if (cut) return { why: cut, isRead: true }
  const isRead = calls[0]?.how !== 'unread'
  const broken = failureOf(calls, expected.length)
  if (broken) return { why: broken, isRead }
  const miss = missOf(asked, calls, expected)
  return miss < 0 ? null : { why: `another value on test ${miss + 1}`, isRead }
}

export async function gradeFunction(
  benchmark: EvalplusName,
  item: EvalplusItem,
  completion: string,
  tools: OwnTools,
): Promise<Grade> {
  const { code, isFenced } = codeOf(completion, item.entry)
  if (code.trim() === '') return malformed('no code')
  const isWhole = isFenced && new RegExp(`^\\s*def\\s+${item.entry}\\b`, 'm').test(code)
  const program = isWhole ? code : item.prompt + code
  for (const tests of item.tests) {
    const found = await failureIn({ benchmark, item, tests }, program, tools)
    if (!found) continue
    const detail = `${tests.name}: ${found.why}`
    return found.isRead ? { verdict: 'wrong', extracted: code, detail } : malformed(detail, code)
  }
  return { verdict: 'correct', extracted: code, detail: null }
}

/** CPU time of its canonical solution, 0 where it was never run. */
export async function secondsOf(
  benchmark: EvalplusName,
  item: EvalplusItem,
  tools: OwnTools,
): Promise<number> {
  const found = await Promise.all(
    item.tests.map(tests => recall({ benchmark, item, tests }, tools)),
  )
  return found.flatMap(calls => calls ?? []).reduce((sum, { seconds }) => sum + seconds, 0)
}
