/** The suites that a config names, opened: the model's own, those that come with azr, benchmarks. */
import type { Config } from './config.ts'
import { UsageError } from './errors.ts'
import { openBenchmark } from './grading/benchmark.ts'
import { suiteOf } from './grading/suite.ts'
import { isSuite, suiteSpecs } from './grading/suites.ts'
import { readSuite, type Suite } from './work/suites.ts'

export const isBenchmark = (name: string) => isSuite(name) && suiteSpecs[name].family !== 'micro'

async function openSuite(config: Config, model: string, data: string, name: string) {
  if (!isSuite(name) || suiteSpecs[name].family === 'micro') return readSuite(model, name)
  if (config.dialect === 'micro' && suiteSpecs[name].family !== 'cruxeval') {
    throw new UsageError(
      `Cannot ask ${name} in the dialect micro, which has no words for it: use --dialect=r1`,
    )
  }
  return suiteOf(await openBenchmark(name, { data, model }))
}

export async function openSuites(
  config: Config,
  model: string,
  data: string,
): Promise<Map<string, Suite>> {
  const { suites, between, data: named } = config.evaluate
  const found = new Map<string, Suite>()
  for (const name of new Set([...suites, ...between.suites])) {
    found.set(name, await openSuite(config, model, named ?? data, name))
  }
  return found
}
