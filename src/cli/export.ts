import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Database } from 'better-sqlite3'
import { UsageError } from '../../domain/errors.ts'
import { jsonText } from '../../lib/terminal.ts'
import { openForReading } from '../../state/database.ts'
import { existingRun } from '../../state/open.ts'
import { mergeAdapter } from '../learner/merged.ts'
import { exportModel } from '../report/export/hf.ts'
import { exportJsonl } from '../report/export/jsonl.ts'
import { exportParquet } from '../report/export/parquet.ts'
import { exportTensorboard } from '../report/export/tensorboard.ts'
import { type Args, type CommandSpec, homeOf, numberOf } from './args.ts'

const formats = ['parquet', 'jsonl', 'tensorboard', 'hf'] as const
type Format = (typeof formats)[number]

export const spec: CommandSpec = {
  name: 'export',
  summary: 'Exports a run for other tools: its tables, its curves, or its model.',
  positions: ['RUN'],
  flags: {
    to: { value: 'FORMAT', about: formats.join(', ') },
    out: { value: 'DIR', about: 'a new folder; default: HOME/RUN/exports/FORMAT' },
    step: { value: 'N', about: 'hf: the step of the weights; default: the newest checkpoint' },
  },
  detail:
    'parquet and jsonl: a file for each table. tensorboard: all curves (`tensorboard --logdir DIR`; W&B\n' +
    'and trackio read them too). hf: a folder that transformers, vLLM and `azr eval --model DIR` load.',
}

function formatOf({ flags }: Args): Format {
  const given = flags.get('to')
  const found = formats.find(format => format === given)
  if (found) return found
  throw new UsageError(
    'flag-value',
    `Cannot export to ${given ?? 'no format'}: give --to ${formats.join('|')}`,
  )
}

type Job = { run: string; client: Database; format: Format; step: number | undefined }

async function write({ run, client, format, step }: Job, folder: string): Promise<void> {
  if (format === 'parquet') await exportParquet(client, folder)
  if (format === 'jsonl') await exportJsonl(client, folder)
  if (format === 'tensorboard') await exportTensorboard(client, folder)
  if (format === 'hf') exportModel({ client, run, step }, folder, mergeAdapter)
}

/** Writes to a temporary folder and moves it, so that the export is complete or missing. */
async function writeAside(job: Job, out: string): Promise<void> {
  const part = `${out}.${process.pid}.part`
  try {
    mkdirSync(part, { recursive: true })
    // Reads a single state of the run, even if the run continues meanwhile.
    job.client.exec('begin')
    await write(job, part)
    mkdirSync(dirname(out), { recursive: true })
    renameSync(part, out)
  } finally {
    rmSync(part, { recursive: true, force: true })
  }
}

export async function run(args: Args): Promise<number> {
  const name = args.positions[0] as string
  const folder = existingRun(homeOf(args), name)
  const format = formatOf(args)
  const step = numberOf(args, 'step')
  if (step !== undefined && format !== 'hf')
    throw new UsageError('flag-misplaced', `Cannot use --step with ${format}`)
  const out = resolve(args.flags.get('out') ?? join(folder, 'exports', format))
  if (existsSync(out) && readdirSync(out).length > 0) {
    throw new UsageError(
      'target-exists',
      `Cannot write to ${out} as it is not empty: choose another --out`,
    )
  }
  const { client } = openForReading(join(folder, 'run.db'))
  try {
    await writeAside({ run: folder, client, format, step }, out)
  } finally {
    client.close()
  }
  process.stderr.write(`run ${name} is in ${out}\n`)
  if (args.flags.has('json')) process.stdout.write(`${jsonText({ run: name, format, out })}\n`)
  return 0
}
