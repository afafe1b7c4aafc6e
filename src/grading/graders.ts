/**
 * Grades answers to the items of benchmarks. Sandboxes are started when a family first needs one.
 * Whatever a grader itself fails at is `ungraded`: no error turns into a wrong answer.
 */
import type { Sandbox } from '../../sandbox/types.ts'
import type { Grade } from '../domain/grading/grade.ts'
import type { Task } from '../domain/task.ts'
import { explain } from '../errors.ts'
import type { Benchmark, BenchmarkItem } from './benchmark.ts'
import { type CruxevalItem, createCruxeval } from './cruxeval.ts'
import { createEvalplus, type EvalplusItem } from './evalplus.ts'
import { createLivecodebench, type LivecodebenchItem } from './livecodebench.ts'
import { createMath, type MathItem } from './math.ts'
import { createMicro } from './micro.ts'
import { type Profile, profileOf, type SuiteName } from './suites.ts'

type Grader = (item: BenchmarkItem, completion: string, signal?: AbortSignal) => Promise<Grade>

export type Graders = {
  grade: (
    benchmark: Benchmark,
    item: BenchmarkItem,
    completion: string,
    signal?: AbortSignal,
  ) => Promise<Grade>
  pids: () => number[]
  stop: () => Promise<void>
}

function graderOf({ name, family }: Benchmark, sandbox: Sandbox): Grader {
  switch (family) {
    case 'evalplus': {
      const grade = createEvalplus(sandbox, name as 'humanevalplus' | 'mbppplus')
      return (item, ...rest) => grade(item as EvalplusItem, ...rest)
    }
    case 'livecodebench': {
      const grade = createLivecodebench(sandbox)
      return (item, ...rest) => grade(item as LivecodebenchItem, ...rest)
    }
    case 'math': {
      const grade = createMath(sandbox, name)
      return (item, ...rest) => grade(item as MathItem, ...rest)
    }
    case 'cruxeval': {
      const grade = createCruxeval(sandbox, name === 'cruxeval_i' ? 'input' : 'output')
      return (item, ...rest) => grade(item as CruxevalItem, ...rest)
    }
    case 'micro': {
      const grade = createMicro(sandbox)
      return (item, ...rest) => grade(item as Task, ...rest)
    }
  }
}

export function createGraders(openSandbox: (profile: Profile) => Promise<Sandbox>): Graders {
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
      graderOf(benchmark, sandbox),
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
        return await grader(item, completion, signal)
      } catch (error) {
        signal?.throwIfAborted()
        return { verdict: 'ungraded', extracted: null, detail: explain(error) }
      }
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
