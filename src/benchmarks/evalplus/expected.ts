/**
 * Computes the expected results of an item: the canonical solution's, in its own process, once. The
 * results are cached. Comparing is in grade.ts.
 */
import type { Sandbox } from '../../../domain/execution.ts'
import { hashOf } from '../../../domain/hash.ts'
import { type Call, type CallJob, harness, runCalls } from '../calls.ts'
import type { OwnTools } from '../own.ts'
import type { EvalplusItem, Tests } from './item.ts'
import { type EvalplusName, viewOf } from './rules.ts'

export type Expected = readonly Call[]

/** One list of tests of an item. `benchmark` selects the rules. */
export type Asked = { benchmark: EvalplusName; item: EvalplusItem; tests: Tests }

/** CPU seconds of a list of calls, and of a call of a reference. */
export const mostSeconds = 60

/** The versions of what runs programs: other versions may give other values. */
const versions = `import sys
numpy = sys.modules.get("numpy")
print(sys.version, getattr(numpy, "__version__", ""))`

async function askVersion(sandbox: Sandbox): Promise<string> {
  const limits = { timeoutMs: 10_000, memoryMb: 512, maxOutputBytes: 4096, runs: 1 } as const
  const [found] = await sandbox.runScript({ program: versions, stdins: [''], limits })
  if (found?.outcome !== 'returned')
    throw new Error("the sandbox's Python does not say its version")
  return found.output ?? ''
}

const said = new WeakMap<Sandbox, Promise<string>>()

function versionOf(sandbox: Sandbox): Promise<string> {
  const version = said.get(sandbox) ?? askVersion(sandbox)
  said.set(sandbox, version)
  return version
}

export type Job = Pick<CallJob, 'program' | 'entry' | 'inputs' | 'view'>

/** The job of the canonical solution. An answer's job differs in its program. */
export function jobOf({ benchmark, item, tests: { inputs } }: Asked): Job {
  const { prompt, solution, entry } = item
  return { program: prompt + solution, entry, inputs, view: viewOf(benchmark, entry) }
}

const keyFor = async (asked: Asked, sandbox: Sandbox) =>
  hashOf([await versionOf(sandbox), harness, mostSeconds, jobOf(asked)])

/** The known results, without running anything. */
export async function recall(
  asked: Asked,
  { sandbox, references }: OwnTools,
): Promise<Expected | null> {
  const { known, read } = references
  const found = known.get(asked.tests) ?? read(await keyFor(asked, sandbox))
  if (found) known.set(asked.tests, found)
  return found
}

/** Why a list of calls does not count as complete. */
export function failureOf(calls: readonly Call[], count: number): string | null {
  const last = calls.at(-1)
  if (last?.how === 'unread' || last?.how === 'unloaded') return `${last.how}: ${last.text}`
  if (last?.how === 'raised') return `${last.text} on test ${calls.length}`
  if (last?.how === 'slow') return `too slow on test ${calls.length}`
  return calls.length < count ? `ended before test ${calls.length + 1}` : null
}

async function make(asked: Asked, { sandbox, references }: OwnTools): Promise<Expected> {
  const { item, tests } = asked
  const limits = { limits: [mostSeconds], totalSeconds: mostSeconds }
  const { calls, cut } = await runCalls(sandbox, { ...jobOf(asked), ...limits })
  const other = calls.find(({ how }) => how === 'other')?.text
  const failure = cut ?? failureOf(calls, 1) ?? other
  if (failure)
    throw new Error(`the reference of ${item.id} fails on its ${tests.name} tests: ${failure}`)
  references.keep(await keyFor(asked, sandbox), calls)
  references.known.set(tests, calls)
  return calls
}

/** Callers that ask while it is computed wait for the same result. */
export function expectedOf(asked: Asked, tools: OwnTools): Promise<Expected> {
  const { making } = tools.references
  const found = making.get(asked.tests) ?? make(asked, tools)
  making.set(asked.tests, found)
  found.catch(() => {}).finally(() => making.delete(asked.tests))
  return found
}
