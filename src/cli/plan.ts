import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import { AzrError, UsageError } from '../../domain/errors.ts'
import { lastLine } from '../../lib/formats.ts'
import { hangHere } from '../../lib/terminal.ts'
import { type Card, cardHere } from '../config/cards.ts'
import type { Config } from '../config/config.ts'
import { deviceOf, findShape, fitOn } from '../config/fit/here.ts'
import { type Fit, fitOf } from '../config/fit/index.ts'
import type { Device } from '../config/fit/memory.ts'
import { cards, type Hardware } from '../config/fit/time.ts'
import { loadConfig } from '../config/load.ts'
import { findModel } from '../config/model.ts'
import { python, trainerFolder } from '../config/paths.ts'
import { type Suitable, suitableOf } from '../run/suitable.ts'
import { type Args, type CommandSpec, publishedFlag } from './args.ts'
import { fitLines } from './fit-lines.ts'

export const spec: CommandSpec = {
  name: 'plan',
  summary:
    'Shows how much memory, disk and time a preset needs, and whether its model can be used.',
  positions: ['[PRESET|FILE]'],
  takesKnobs: true,
  flags: {
    gpu: {
      value: '8|12|16|24|48|80',
      about: 'GB of the card; default: the smallest that fits',
    },
    ...publishedFlag,
    probe: { about: 'measure this machine instead of using the table' },
    json: { about: 'as JSON on standard output; `fits` is true or false' },
  },
  detail:
    'Needs no network, and no model if the preset has its shape. Exit code 0 whether it fits ' +
    'or not. docs/reference/plan.md explains the calculation and its estimates.',
}

type Measured = { name: string; flops: number; bandwidth: number; memoryBytes: number }

/** Times a few products and copies on the learner's device. */
function probe({ trainer }: Config, device: Device): Hardware {
  if (!existsSync(python))
    throw new UsageError('python-missing', 'Cannot measure without Python: run `azr setup`')
  const flags = ['--threads', String(trainer.threads), '--device', device]
  const env = { ...process.env, PYTHONPATH: trainerFolder }
  const run = spawnSync(python, ['-m', 'azr_trainer.measure', ...flags], { env, encoding: 'utf8' })
  if (run.status !== 0) {
    throw new AzrError('measure-failed', `Cannot measure this machine: ${lastLine(run.stderr)}`)
  }
  return JSON.parse(run.stdout) as Measured
}

function cardOf(gigabytes: string): Hardware {
  const found = cards[Number(gigabytes)]
  if (found) return found
  throw new UsageError(
    'card-unknown',
    `Cannot plan for --gpu ${gigabytes}: there are ${Object.keys(cards).join(', ')}`,
  )
}

const machine = (card: Card | null) => {
  return { cores: availableParallelism(), memoryBytes: totalmem(), card }
}

export const fitHere = (config: Config): Fit =>
  fitOn(config, machine(deviceOf(config) === 'cuda' ? cardHere(config) : null))

export function fitFor(config: Config, args: Pick<Args, 'flags'>): Fit {
  const { flags } = args
  const gpu = flags.get('gpu')
  const device = gpu === undefined ? deviceOf(config) : 'cuda'
  const on = (hardware: Hardware) => fitOf(config, findShape(config), { hardware, device })
  if (flags.has('probe')) return on(probe(config, device))
  return gpu === undefined ? fitOn(config, machine(null)) : on(cardOf(gpu))
}

/** Why its model cannot be used here; empty if the model is not here yet. */
export function suitableHere(config: Config): Suitable {
  try {
    return suitableOf(config, findModel(config.model.path))
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    return { refusals: [], notes: [error.message] }
  }
}

export const suitableLines = ({ refusals, notes }: Suitable) => [
  ...refusals.map(line => `  cannot be used  ${line}`),
  ...notes.map(line => `  note            ${line}`),
]

export async function run(args: Args): Promise<number> {
  const preset = args.positions[0] ?? 'micro'
  const config = loadConfig(preset, args.overrides)
  const found = fitFor(config, args)
  const suitable = suitableHere(config)
  if (args.flags.has('json')) {
    process.stdout.write(`${JSON.stringify({ preset, ...found, ...suitable })}\n`)
    return 0
  }
  const size = (found.parameters / 1e6).toFixed(found.parameters < 1e8 ? 1 : 0)
  const title = `${preset}: ${size} M parameters`
  for (const line of [title, ...fitLines(found), ...suitableLines(suitable)]) {
    for (const part of hangHere(line)) process.stdout.write(`${part}\n`)
  }
  return 0
}
