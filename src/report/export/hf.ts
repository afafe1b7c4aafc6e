/**
 * Exports the weights of a step as a Hugging Face folder, which transformers, vLLM and `azr eval`
 * load.
 */
import { copyFileSync, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Database } from 'better-sqlite3'
import { UsageError } from '../../../domain/errors.ts'
import { findModel } from '../../config/model.ts'
import { locate } from '../../config/paths.ts'

/** Merges an adapter into the model that it was trained on (src/learner/merged.ts). */
export type Merge = (base: string, adapter: string, to: string) => void

type Weights = { step: number; path: string; weights_hash: string | null }

/** Files that only the learner needs, to continue the run. */
const isPrivate = (file: string) => file === 'trainer.pt' || file === 'checkpoint.json'

const modelOf = (client: Database) =>
  client.prepare("select config ->> '$.model.path' from run").pluck().get() as string

function weightsOf(client: Database, run: string): Weights[] {
  const stored = client
    .prepare('select step, path, weights_hash from checkpoints order by step')
    .all()
  const first = { step: 0, path: locate(modelOf(client)), weights_hash: null }
  const kept = (stored as Weights[]).map(row => ({ ...row, path: join(run, row.path) }))
  return [first, ...kept].filter(({ path }) => existsSync(join(path, 'config.json')))
}

const isAdapter = (folder: string) => existsSync(join(folder, 'adapter_config.json'))

/** `run` is the run's folder. Without a step the newest checkpoint is exported. */
export function exportModel(
  { client, run, step }: { client: Database; run: string; step: number | undefined },
  folder: string,
  merge: Merge,
): number {
  const known = weightsOf(client, run)
  const found = step === undefined ? known.at(-1) : known.find(row => row.step === step)
  if (!found) {
    const steps = known.map(row => row.step).join(', ')
    throw new UsageError(
      'step-unknown',
      `Cannot export step ${step ?? ''} as its weights are not kept (kept steps: ${steps}): ` +
        '`azr fork RUN --at STEP --no-start` makes those of any step again',
    )
  }
  const source = isAdapter(found.path) ? join(folder, '.merged') : found.path
  if (isAdapter(found.path)) merge(findModel(modelOf(client)), found.path, source)
  const files = readdirSync(source, { withFileTypes: true }).filter(entry => entry.isFile())
  for (const { name } of files) {
    if (!isPrivate(name)) copyFileSync(join(source, name), join(folder, name))
  }
  rmSync(join(folder, '.merged'), { recursive: true, force: true })
  const name = client.prepare('select name from run').pluck().get()
  const about = { run: name, step: found.step, weightsHash: found.weights_hash }
  writeFileSync(join(folder, 'azr.json'), `${JSON.stringify(about, null, 2)}\n`)
  return found.step
}
