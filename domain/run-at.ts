/** Reads the names by which people point at a run, or at one of its steps. Pure. */
import { UsageError } from './errors.ts'

/** A run, at a step, at its best checkpoint, or (null) at its last step. */
export type RunAt = { run: string; at: number | 'best' | null }

const name = '[a-z0-9][a-z0-9._-]*'
export const runNamePattern = new RegExp(`^${name}$`)
export const runAtPattern = new RegExp(`^(${name})(?:@(\\d{1,6}|best))?$`)
export const runAtForm = 'a run is named RUN, RUN@STEP or RUN@best, such as micro-1@20'

/** Null if the text has another form. */
export function runAtIn(text: string): RunAt | null {
  const [, run, at] = runAtPattern.exec(text) ?? []
  if (run === undefined) return null
  return { run, at: at === undefined ? null : at === 'best' ? at : Number(at) }
}

export function readRunAt(text: string): RunAt {
  const found = runAtIn(text)
  if (found) return found
  throw new UsageError('flag-value', `Cannot find ${text}: ${runAtForm}`)
}
