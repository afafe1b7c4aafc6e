/**
 * HumanEval+ and MBPP+: an answer has to do what the canonical solution does on all base and plus
 * inputs. What is expected is found by running that solution, in a process of its own, once: what it
 * gave is kept. Until it is there answers run beside it, within the least of all limits.
 */
import type { Sandbox } from '../../../domain/execution.ts'
import { hashOf } from '../../../domain/hash.ts'
import { type Call, type CallJob, type Calls, harness, runCalls } from '../calls.ts'
import { isEqual } from '../equal.ts'
import { codeOf } from '../extract.ts'
import { type Grade, malformed } from '../grade.ts'
import { noReferences } from '../references.ts'
import { rawFields } from './raw.ts'
import { firstMiss, needsInputs, type Rules, viewOf } from './rules.ts'

type Tests = { name: 'base' | 'plus'; inputs: string }
type Expected = readonly Call[]

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

type Limits = Pick<CallJob, 'limits' | 'totalSeconds'>

function limitsOf(expected: Expected): Limits {
  const limits = expected.map(({ seconds }) => Math.max(leastSeconds, timesReference * seconds))
  const all = limits.reduce((sum, one) => sum + one, 0)
  return { limits, totalSeconds: Math.min(mostSeconds, all) + 1 }
}
/** Of those whose reference is not there yet: who comes through within these does so within any. */
const leastLimits: Limits = { limits: [leastSeconds], totalSeconds: mostSeconds + 1 }

const ranOut = ({ calls, cut }: Calls) => cut !== null || calls.at(-1)?.how === 'slow'

/** What runs programs, in its own words: another one may give other values. */
const versions = `import sys
numpy = sys.modules.get("numpy")
print(sys.version, getattr(numpy, "__version__", ""))`

async function versionsOf(sandbox: Sandbox): Promise<string> {
  const limits = { timeoutMs: 10_000, memoryMb: 512, maxOutputBytes: 4096, runs: 1 } as const
  const [found] = await sandbox.runScript({ program: versions, stdins: [''], limits })
  if (found?.outcome !== 'returned')
    throw new Error("the sandbox's Python does not say its version")
  return found.output ?? ''
}

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

export function createEvalplus(sandbox: Sandbox, set: Rules['set'], references = noReferences) {
  const known = new Map<string, Expected>()
  const making = new Map<string, Promise<Expected>>()
  let version: Promise<string> | null = null

  const jobOf = ({ prompt, solution, entry }: EvalplusItem, { inputs }: Tests) => {
    return { program: prompt + solution, entry, inputs, view: viewOf(set, entry) }
  }
  async function keyFor(item: EvalplusItem, tests: Tests): Promise<string> {
    version ??= versionsOf(sandbox)
    return hashOf([await version, harness, mostSeconds, jobOf(item, tests)])
  }
  /** What is known without running anything. */
  async function recall(item: EvalplusItem, tests: Tests): Promise<Expected | null> {
    const name = `${item.id} ${tests.name}`
    const found = known.get(name) ?? references.read(await keyFor(item, tests))
    if (found) known.set(name, found)
    return found
  }
  async function make(item: EvalplusItem, tests: Tests): Promise<Expected> {
    const limits = { limits: [mostSeconds], totalSeconds: mostSeconds }
    const found = await runCalls(sandbox, { ...jobOf(item, tests), ...limits })
    const other = found.calls.find(({ how }) => how === 'other')?.text
    const failure = found.cut ?? failureOf(found.calls, 1) ?? other
    if (failure)
      throw new Error(`the reference of ${item.id} fails on its ${tests.name} tests: ${failure}`)
    references.keep(await keyFor(item, tests), found.calls)
    known.set(`${item.id} ${tests.name}`, found.calls)
    return found.calls
  }
  function expectedOf(item: EvalplusItem, tests: Tests): Promise<Expected> {
    const name = `${item.id} ${tests.name}`
    const found = making.get(name) ?? make(item, tests)
    making.set(name, found)
    found.catch(() => {}).finally(() => making.delete(name))
    return found
  }

  /** What the program gives, and what it has to give. */
  async function runBoth(item: EvalplusItem, tests: Tests, program: string, signal?: AbortSignal) {
    const run = (limits: Limits) =>
      runCalls(sandbox, { ...jobOf(item, tests), program, ...limits }, signal)
    const recalled = await recall(item, tests)
    if (recalled) return { found: await run(limitsOf(recalled)), expected: recalled }
    const [found, expected] = await Promise.all([run(leastLimits), expectedOf(item, tests)])
    const limits = limitsOf(expected)
    const hadLess = limits.limits.some(one => one > leastSeconds)
    return { found: ranOut(found) && hadLess ? await run(limits) : found, expected }
  }

  async function failure(item: EvalplusItem, tests: Tests, program: string, signal?: AbortSignal) {
    const { found, expected } = await runBoth(item, tests, program, signal)
    const { calls, cut, isUngraded } = found
    if (isUngraded) throw new Error(cut ?? 'ungraded')
    if (cut) return { why: cut, isRead: true }
    const isRead = calls[0]?.how !== 'unread'
    const broken = failureOf(calls, expected.length)
    if (broken) return { why: broken, isRead }
    const rules = { set, entry: item.entry, isEqual }
    const inputs = needsInputs(item.entry) ? (JSON.parse(tests.inputs) as unknown[][]) : []
    const texts = (all: Expected) =>
      all.map(({ text, how }) => (how === 'other' ? `<${text}>` : text))
    const miss = firstMiss(rules, texts(calls), texts(expected), inputs, item.atol)
    return miss < 0 ? null : { why: `another value on test ${miss + 1}`, isRead }
  }

  async function grade(
    item: EvalplusItem,
    completion: string,
    signal?: AbortSignal,
  ): Promise<Grade> {
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
  return {
    grade,
    /** CPU time of its canonical solution, 0 where it was never run. */
    async secondsOf(item: EvalplusItem): Promise<number> {
      const found = await Promise.all(item.tests.map(tests => recall(item, tests)))
      return found.flatMap(calls => calls ?? []).reduce((sum, { seconds }) => sum + seconds, 0)
    },
  }
}
