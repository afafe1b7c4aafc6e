/** The built-in benchmarks: a line for each family. */

import { cruxeval } from './cruxeval/index.ts'
import { evalplus } from './evalplus/index.ts'
import { livecodebench } from './livecodebench/index.ts'
import { math } from './math/index.ts'
import { micro } from './micro/index.ts'
import type { OwnBenchmark } from './own.ts'

export const benchmarks: readonly OwnBenchmark[] = [
  ...evalplus,
  ...livecodebench,
  ...math,
  ...cruxeval,
  ...micro,
]

export const benchmarkNames = benchmarks.map(({ name }) => name)
export const findBenchmark = (name: string) => benchmarks.find(one => one.name === name)
