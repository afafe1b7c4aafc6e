/**
 * Reads the requests of a recorded run to its engine. Answers with the same prompt are one request.
 */
import Database from 'better-sqlite3'
import type { Config } from '../../src/config/config.ts'
import type { SamplingRequest } from '../../src/engine/types.ts'

export type Asked = { request: SamplingRequest; count: number }

/** Requests of its steps after the first, in the order of their answers; about `count` answers. */
export function recordedMix(path: string, config: Config, count: number): Asked[] {
  const client = new Database(path, { readonly: true })
  const rows = client
    .prepare(
      `select p.text as prompt, r.role as role, min(r.seed) as seed, count(*) as count
       from rollouts r join prompts p on p.hash = r.prompt_hash
       where r.step > 1 group by r.step, r.purpose, r.prompt_hash order by min(r.rowid)`,
    )
    .all() as { prompt: string; role: 'proposer' | 'solver'; seed: number; count: number }[]
  client.close()
  const limits = { proposer: config.propose.maxTokens, solver: config.solve.maxTokens }
  const all = rows.map(({ prompt, role, seed, count }): Asked => {
    const request = { prompt, maxTokens: limits[role], temperature: 1, topP: 1, seed, stop: [] }
    return { request, count }
  })
  let taken = 0
  return all.filter(one => {
    const isIn = taken < count
    taken += one.count
    return isIn
  })
}
