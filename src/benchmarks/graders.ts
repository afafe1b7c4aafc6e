/**
 * Grades answers to the items of benchmarks. Sandboxes are started when a family first needs one.
 * Whatever a grader itself fails at is `ungraded`: no error turns into a wrong answer.
 */

import { explain } from '../../domain/errors.ts'
import type { Sandbox } from '../../domain/execution.ts'
import type { Task } from '../../domain/task.ts'
import type { Benchmark, BenchmarkItem } from './benchmark.ts'
import { type CruxevalItem, createCruxeval } from './cruxeval/grade.ts'
import { createEvalplus, type EvalplusItem } from './evalplus/grade.ts'
import type { Grade } from './grade.ts'
import { createLivecodebench, type LivecodebenchItem } from './livecodebench/grade.ts'
import { createMath, type MathItem } from './math/grade.ts'
import { createMicro } from './micro/grade.ts'
import { createReferences, type References } from './references.ts'
import { type Profile, profileOf, type SuiteName } from './specs.ts'

type Grader = {
  grade: (item: BenchmarkItem, completion: string, signal?: AbortSignal) => Promise<Grade>
  /** How long it takes, as far as that is known before; else 0. */
  secondsOf?: (item: BenchmarkItem) => Promise<number>
}

export type Graders = {
  grade: (
    benchmark: Benchmark,
    item: BenchmarkItem,
    completion: string,
    signal?: AbortSignal,
  ) => Promise<Grade>
  /** Places of the items, those first that are known to take longest: none is left for the end. */
  longestFirst: (benchmark: Benchmark, items: readonly BenchmarkItem[]) => Promise<number[]>
  pids: () => number[]
  stop: () => Promise<void>
}

function graderOf(
  { name, family }: Benchmark,
  sandbox: Sandbox,
  references: References | undefined,
): Grader {
  switch (family) {
    case 'evalplus': {
      const set = name as 'humanevalplus' | 'mbppplus'
      const { grade, secondsOf } = createEvalplus(sandbox, set, references)
      return {
        grade: (item, ...rest) => grade(item as EvalplusItem, ...rest),
        secondsOf: item => secondsOf(item as EvalplusItem),
      }
    }
    case 'livecodebench': {
      const grade = createLivecodebench(sandbox)
      return { grade: (item, ...rest) => grade(item as LivecodebenchItem, ...rest) }
    }
    case 'math': {
      const grade = createMath(sandbox, name)
      return { grade: (item, ...rest) => grade(item as MathItem, ...rest) }
    }
    case 'cruxeval': {
      const grade = createCruxeval(sandbox, name === 'cruxeval_i' ? 'input' : 'output')
      return { grade: (item, ...rest) => grade(item as CruxevalItem, ...rest) }
    }
    case 'micro': {
      const grade = createMicro(sandbox)
      return { grade: (item, ...rest) => grade(item as Task, ...rest) }
    }
  }
}

/** `folder`: where results of references are kept for the next time; without it they are not. */
export function createGraders(
  openSandbox: (profile: Profile) => Promise<Sandbox>,
  folder?: string,
): Graders {
  const references = folder === undefined ? undefined : createReferences(folder)
  const sandboxes = new Map<Profile, Promise<Sandbox>>()
  const open: Sandbox[] = []
  const graders = new Map<SuiteName, Promise<Grader>>()

  function sandboxOf(profile: Profile): Promise<Sandbox> {
    const known = sandboxes.get(profile)
    if (known) return known
    const made = openSandbox(profile)
    sandboxes.set(profile, made)
    made.then(
      sandbox => open.push(sandbox),
      () => sandboxes.delete(profile),
    )
    return made
  }
  function graderFor(benchmark: Benchmark): Promise<Grader> {
    const known = graders.get(benchmark.name)
    if (known) return known
    const made = sandboxOf(profileOf(benchmark.family)).then(sandbox =>
      graderOf(benchmark, sandbox, references),
    )
    graders.set(benchmark.name, made)
    made.catch(() => graders.delete(benchmark.name))
    return made
  }
  return {
    async grade(benchmark, item, completion, signal) {
      // A sandbox that does not start is nobody's answer: it is thrown.
      const grader = await graderFor(benchmark)
      try {
        return await grader.grade(item, completion, signal)
      } catch (error) {
        signal?.throwIfAborted()
        return { verdict: 'ungraded', extracted: null, detail: explain(error) }
      }
    },
    async longestFirst(benchmark, items) {
      const places = items.map((_, place) => place)
      // Only of these anything is known, and only for them a sandbox may be started here.
      if (benchmark.family !== 'evalplus' || !references) return places
      const { secondsOf } = await graderFor(benchmark)
      const seconds = await Promise.all(items.map(async item => (await secondsOf?.(item)) ?? 0))
      return places.sort((a, b) => (seconds[b] ?? 0) - (seconds[a] ?? 0))
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
