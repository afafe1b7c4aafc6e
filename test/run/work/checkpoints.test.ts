/** The checkpoints of a run: which folders are kept, and which one is loaded. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { configSchema } from '../../../src/config/config.ts'
import { loadCheckpoint, saveCheckpoint } from '../../../src/run/work/checkpoints.ts'
import type { Write } from '../../../state/types.ts'
import { temporary } from '../../temporary.ts'

type Checkpoint = { step: number; path: string; weights_hash: string }

function portsOf(keep: number) {
  const folder = temporary('checkpoints')
  const rows: Checkpoint[] = []
  const events: [string, number][] = []
  const store = {
    folder,
    read: { checkpoints: async () => [...rows], bestStep: async () => null },
    write: async (writes: Write[]) =>
      void rows.push(
        ...writes.flatMap(({ table, row }) => (table === 'checkpoints' ? (row as Checkpoint) : [])),
      ),
    event: async (event: string, detail?: unknown) =>
      void events.push([event, (detail as { step: number }).step]),
  }
  const learner = {
    save: async (path: string) => {
      mkdirSync(path, { recursive: true })
      writeFileSync(join(path, 'checkpoint.json'), '{}')
      return { weightsHash: path.slice(-8) }
    },
    load: async (path: string) => ({ weightsHash: path.slice(-8), parameters: 1, learned: 1 }),
  }
  const config = configSchema.parse({ checkpoint: { keep } })
  const ports = { config, store, held: () => ({ learner, weights: null, fits: null }) }
  return { ports, learner, rows, events, names: () => readdirSync(join(folder, 'checkpoints')) }
}

test('only the newest are kept, the others are deleted completely', async () => {
  const { ports, rows, events, names } = portsOf(2)
  for (const step of [1, 2, 3]) await saveCheckpoint(ports, step)
  expect(names().sort()).toEqual([`000002-${process.pid}`, `000003-${process.pid}`])
  expect(rows).toHaveLength(3)
  expect(events).toEqual([['checkpoint.pruned', 1]])
})

test('one with other weights is skipped for the previous one, and reported', async () => {
  const { ports, learner, rows, events } = portsOf(3)
  for (const step of [1, 2, 3]) await saveCheckpoint(ports, step)
  Object.assign(rows[2] as Checkpoint, { weights_hash: 'another' })
  expect(await loadCheckpoint(ports, learner, 3)).toMatchObject({ version: 2 })
  expect(await loadCheckpoint(ports, learner, 1)).toMatchObject({ version: 1 })
  expect(events).toEqual([['checkpoint.broken', 3]])
})
