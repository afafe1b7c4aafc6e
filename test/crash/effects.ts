/**
 * Finds work that a session repeated although it was committed: compares the witness with the rows.
 */
import { join } from 'node:path'
import Database from 'better-sqlite3'

export type Committed = {
  seeds: Set<number>
  executions: number
  updates: number
  redone: number
}

export function committed(folder: string): Committed {
  const client = new Database(join(folder, 'run.db'), { readonly: true })
  const count = (what: string) =>
    client.prepare(`select count(*) from ${what}`).pluck().get() as number
  const seeds = client.prepare('select seed from rollouts').pluck().all() as number[]
  const found = {
    seeds: new Set(seeds),
    executions: count('executions'),
    updates: count('updates'),
    redone: count("run_events where event = 'update.redone'"),
  }
  client.close()
  return found
}

export const nothing: Committed = { seeds: new Set(), executions: 0, updates: 0, redone: 0 }

/** Checks in flight (sandbox.concurrency), answers per task, and inputs of each. */
const inFlight = 4 * 2 * 4

export type Effects = { completions: number; executions: number; updates: number }

export function effectsOf(lines: readonly string[]): Effects {
  const sum = (word: string, at: number) =>
    lines.reduce((total, line) => {
      const parts = line.split(' ')
      return parts[0] === word ? total + Number(parts[at] ?? 1) : total
    }, 0)
  return {
    completions: sum('completion', 2),
    executions: sum('execution', 1),
    updates: lines.filter(line => line === 'learner update').length,
  }
}

/** `kills` counts its killed processes, each with its items in hand. */
export function repeated(
  lines: readonly string[],
  before: Committed,
  after: Committed,
  kills: number,
): string[] {
  const faults = lines.flatMap(line => {
    const [word, seed] = line.split(' ')
    const isAgain = word === 'completion' && before.seeds.has(Number(seed))
    return isAgain ? [`a completion with seed ${seed}, which was committed`] : []
  })
  const { executions, updates } = effectsOf(lines)
  const run = after.executions - before.executions
  if (executions > run + kills * inFlight) faults.push(`${executions} executions for ${run} rows`)
  const due = after.updates - before.updates + after.redone - before.redone
  if (updates > due + kills) faults.push(`${updates} updates for ${due} rows and redone ones`)
  return faults
}
