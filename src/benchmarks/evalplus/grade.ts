/**
 * Grades HumanEval+ and MBPP+: an answer has to agree with the canonical solution on all base and
 * plus inputs. Until the expected results exist (expected.ts), answers run with the smallest
 * limits.
 */

import { type CallJob, type Calls, type CodeTexts, runCalls } from '../calls.ts'
import { codeTexts } from '../code.ts'
import { isEqual } from '../equal.ts'
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

/** EvalPlus's limits in CPU seconds: per call from the reference's own time, and in total. */
const leastSeconds = 4
const timesReference = 4

type Limits = Pick<CallJob, 'limits' | 'totalSeconds'>

function limitsOf(expected: Expected): Limits {
  const limits = expected.map(({ seconds }) => Math.max(leastSeconds, timesReference * seconds))
  const all = limits.reduce((sum, one) => sum + one, 0)
  return { limits, totalSeconds: Math.min(mostSeconds, all) + 1 }
}
/** The limits while the reference's time is unknown. An answer that passes these passes any. */
const leastLimits: Limits = { limits: [leastSeconds], totalSeconds: mostSeconds + 1 }

const ranOut = ({ calls, cut }: Calls) => cut !== null || calls.at(-1)?.how === 'slow'

/** The results of the program, and the expected ones. */
async function runBoth(asked: Asked, program: CodeTexts, tools: OwnTools) {
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

/** Tries one list of tests: why it fails, and which program it was. */
async function tryOn(asked: Asked, texts: CodeTexts, tools: OwnTools): Promise<Grade> {
  const { found, expected } = await runBoth(asked, texts, tools)
  const { calls, cut, isUngraded } = found
  const extracted = found.program ?? texts.texts[0] ?? null
  if (isUngraded) throw new Error(cut ?? 'ungraded')
  const failed = (why: string) => `${asked.tests.name}: ${why}`
  if (cut) return { verdict: 'wrong', extracted, detail: failed(cut) }
  const broken = failureOf(calls, expected.length)
  if (broken && calls[0]?.how === 'unread') return malformed(failed(broken), extracted)
  if (broken) return { verdict: 'wrong', extracted, detail: failed(broken) }
  const miss = missOf(asked, calls, expected)
  if (miss < 0) return { verdict: 'correct', extracted, detail: null }
  return { verdict: 'wrong', extracted, detail: failed(`another value on test ${miss + 1}`) }
}

export async function gradeFunction(
  benchmark: EvalplusName,
  item: EvalplusItem,
  completion: string,
  tools: OwnTools,
): Promise<Grade> {
  const texts = codeTexts(completion)
  if (texts.every(text => text.trim() === '')) return malformed('no code')
  let grade = malformed('no tests')
  for (const tests of item.tests) {
    const asked = { benchmark, item, tests }
    grade = await tryOn(asked, { texts, prompt: item.prompt }, tools)
    if (grade.verdict !== 'correct') break
  }
  return grade
}

/** CPU time of the canonical solution; 0 if it never ran. */
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
