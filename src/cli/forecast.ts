/** Describes what a run will do and how long it takes, before it begins. */
import { availableParallelism } from 'node:os'
import { askedOf, type SuiteItems } from '../../domain/forecast.ts'
import { baseSuitesDue, type SuitesPart, suitesDue } from '../../domain/schedule.ts'
import { span } from '../../lib/formats.ts'
import type { Config } from '../config/config.ts'

/**
 * Answers per second of the embedded model on two cores, all work included
 * (research/benchmarks.md).
 */
const paces = { selfPlay: 205, suites: 490 }

/** A step's proposals, the estimates of their tasks, and the solver's answers. */
function answersAStep({ propose, estimate, solve }: Config, kinds: number): number {
  return kinds * (propose.batch * (1 + estimate.samples) + solve.batch * solve.samples)
}

/** Three lines, for a new run of self-play. */
export function forecastLines(
  config: Config,
  kinds: number,
  items: SuiteItems,
  name: string,
): string[] {
  const { steps, engine, evaluate } = config
  const of = (parts: SuitesPart[]) => askedOf(parts, items, evaluate.samples)
  const base = baseSuitesDue(config, steps, new Set())
  const along = Array.from({ length: steps + 1 }, (_, step) => suitesDue(config, step))
  const [, heldOut] = of([...along.flat(), ...base])
  const seconds = (steps * answersAStep(config, kinds)) / paces.selfPlay + heldOut / paces.suites
  const coresAway = availableParallelism() > 1 ? 1 : 2
  const whole = span(Math.max(60, seconds * coresAway) * 1000)
  const [count] = of([evaluate])
  const who = base.length > 0 ? 'the model before and after answers' : 'the model answers'
  return [
    `${steps} steps of self-play: the model invents tasks and solves them, Python judges, it learns`,
    count > 0 ? `at the end ${who} ${count} held-out tasks` : 'no held-out suite is scored',
    `${engine.kind === 'embedded' ? `about ${whole} on two cores or more` : 'the first step shows how long it takes'}; ` +
      `Ctrl-C stops, \`azr resume ${name}\` continues`,
  ]
}
