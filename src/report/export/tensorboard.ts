/**
 * Exports all curves of a run for TensorBoard. tensorboardX writes them, in the Python environment.
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import type { Database } from 'better-sqlite3'
import { AzrError } from '../../../domain/errors.ts'
import { lastLine } from '../../../lib/formats.ts'
import { python, trainerFolder } from '../../config/paths.ts'

/** Steps have no timestamps: their durations are added up from the beginning of the run. */
const points = `
  with times as (
    select step, (select created_at_ms from run) + sum(wall_ms) over (order by step) as at_ms from steps)
  select step, replace(name, '.', '/') as tag, value, at_ms from metrics join times using (step)
  union all
  select step, 'time/' || key, value / 1000, at_ms
  from steps join times using (step), json_each(json_object('wall', wall_ms, 'rolling', rolling_ms,
    'learner', learner_ms, 'evaluating', evaluate_ms))
  order by step, tag`

function* linesOf(client: Database): Generator<string> {
  for (const point of client.prepare(points).iterate()) yield `${JSON.stringify(point)}\n`
}

export async function exportTensorboard(client: Database, folder: string): Promise<void> {
  const child = spawn(python, ['-m', 'azr_export', folder], { cwd: trainerFolder })
  const [said, [code]] = await Promise.all([
    text(child.stderr),
    once(child, 'close'),
    // If it ends early, its own output says why.
    pipeline(Readable.from(linesOf(client)), child.stdin).catch(() => {}),
  ])
  if (code === 0) return
  throw new AzrError(
    'packages-missing',
    `Cannot write curves for TensorBoard: ${lastLine(said)}; \`azr setup\` installs what is ` +
      'missing',
  )
}
