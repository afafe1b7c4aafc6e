/** The best checkpoint of a run among those that are kept, by the config's measure. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Best, measureOf, type Named, nameOf } from '../../domain/best.ts'
import { readRun } from '../../state/open.ts'

export function bestCheckpoint(home: string, name: string): Best | null {
  return readRun(home, name, reader => {
    const config = reader.run()?.config as Named | undefined
    if (!config) return null
    const kept = reader.checkpoints().filter(({ path }) => existsSync(join(home, name, path)))
    const found = reader.bestStep(
      kept.map(({ step }) => step),
      measureOf(config),
    )
    return found && { ...found, measure: nameOf(config) }
  })
}

/** Suites give shares, curves any number. */
export const bestText = ({ step, value, measure }: Best) =>
  `step ${step} (${measure} ${Number(value.toPrecision(4))})`
