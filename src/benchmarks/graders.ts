/**
 * Grades answers to the items of benchmarks. It starts a sandbox when a benchmark first needs one.
 * If a grader itself fails, the verdict is `ungraded`: no error becomes a wrong answer. A mistake
 * in a user's benchmark ends the run.
 */

import { explain, PluginFailed } from '../../domain/errors.ts'
import type { Sandbox } from '../../domain/execution.ts'
import type { ProfileName } from '../../sandbox/profiles.ts'
import type { Item } from './benchmark.ts'
import type { Grade } from './grade.ts'
import type { AnyBenchmark, OwnTools } from './own.ts'
import { createReferences } from './references.ts'

export type Graders = {
  grade: (
    benchmark: AnyBenchmark,
    item: Item,
    completion: string,
    signal?: AbortSignal,
  ) => Promise<Grade>
  /** Positions of the items, the slowest first, so that none is left for the end. */
  longestFirst: (benchmark: AnyBenchmark, items: readonly Item[]) => Promise<number[]>
  pids: () => number[]
  stop: () => Promise<void>
}

type OpenSandbox = (profile: ProfileName) => Promise<Sandbox>

/** One sandbox for each profile, started at its first use. A failed start is tried again. */
function createPool(openSandbox: OpenSandbox) {
  const sandboxes = new Map<ProfileName, Promise<Sandbox>>()
  const open: Sandbox[] = []
  return {
    get(profile: ProfileName): Promise<Sandbox> {
      const known = sandboxes.get(profile)
      if (known) return known
      const made = openSandbox(profile)
      sandboxes.set(profile, made)
      made.then(
        sandbox => open.push(sandbox),
        () => sandboxes.delete(profile),
      )
      return made
    },
    pids: () => open.flatMap(sandbox => sandbox.pids()),
    async stop() {
      const started = await Promise.allSettled(sandboxes.values())
      await Promise.all(
        started.map(found => (found.status === 'fulfilled' ? found.value.stop() : undefined)),
      )
    },
  }
}

/** `folder` caches results of references. Without it nothing is cached. */
export function createGraders(openSandbox: OpenSandbox, folder?: string): Graders {
  const references = createReferences(folder)
  const { get, pids, stop } = createPool(openSandbox)
  const toolsFor = async ({ profile = 'standard' }: AnyBenchmark): Promise<OwnTools> => {
    return { sandbox: await get(profile), references }
  }
  return {
    async grade(benchmark, item, completion, signal) {
      // If the sandbox does not start, no answer is at fault: the error is thrown.
      const tools = await toolsFor(benchmark)
      try {
        return await benchmark.grade(item, completion, { ...tools, signal })
      } catch (error) {
        signal?.throwIfAborted()
        if (error instanceof PluginFailed) throw error
        return { verdict: 'ungraded', extracted: null, detail: explain(error) }
      }
    },
    async longestFirst(benchmark, items) {
      const places = items.map((_, place) => place)
      // If nothing is cached, nothing is known, so no sandbox is started to ask.
      if (!benchmark.secondsOf || folder === undefined) return places
      const tools = await toolsFor(benchmark)
      const seconds = await Promise.all(items.map(item => benchmark.secondsOf?.(item, tools) ?? 0))
      return places.sort((a, b) => (seconds[b] ?? 0) - (seconds[a] ?? 0))
    },
    pids,
    stop,
  }
}

/**
 * A completion, or a function that reads it when it is needed: a file of them may exceed memory.
 */
export type Answered = { item: Item; completion: string | (() => Promise<string>) }

type Lanes = { count: number; signal?: AbortSignal; onGraded?: () => void }

/** Grades many at once, the slowest first. Grades are returned in the order of the answers. */
export async function gradeAll(
  graders: Graders,
  benchmark: AnyBenchmark,
  answers: readonly Answered[],
  { count, signal, onGraded }: Lanes,
): Promise<Grade[]> {
  const grades: Grade[] = []
  const order = await graders.longestFirst(
    benchmark,
    answers.map(({ item }) => item),
  )
  let next = 0
  const lane = async () => {
    for (let at = order[next++]; at !== undefined; at = order[next++]) {
      const { item, completion } = answers[at] as Answered
      const text = typeof completion === 'string' ? completion : await completion()
      grades[at] = await graders.grade(benchmark, item, text, signal)
      onGraded?.()
    }
  }
  await Promise.all(Array.from({ length: count }, lane))
  return grades
}
