import { createTerminal, jsonText, plain } from '../../lib/terminal.ts'
import { existingRun } from '../../state/open.ts'
import type { Difference } from '../../state/recorded-rows.ts'
import { type Replayed, replay } from '../run/replay.ts'
import { type Args, type CommandSpec, homeOf } from './args.ts'

export const spec: CommandSpec = {
  name: 'replay',
  summary: 'Runs a run again from its rows, and compares every row with the recorded one.',
  positions: ['RUN'],
  flags: { execute: { about: 'also run every program again in the sandbox' } },
  detail:
    'Starts no engine and no learner, and writes nothing. At the first difference it stops, ' +
    'shows both\nsides and exits with 1. A run in progress is replayed up to its last ' +
    'finished step.',
}

const around = 120

/** The part of a text around the first difference. */
function excerpt(text: string | null, at: number): string {
  if (text === null) return 'no row'
  const from = Math.max(0, at - around / 3)
  const part = text.slice(from, from + around)
  return `${from > 0 ? '…' : ''}${plain(part)}${from + around < text.length ? '…' : ''}`
}

/** Prints both sides of a difference, one below the other. */
export function differenceLines({ table, key, column, recorded, replayed }: Difference): string[] {
  const [a, b] = [recorded ?? '', replayed ?? '']
  let at = 0
  while (at < Math.min(a.length, b.length) && a[at] === b[at]) at += 1
  return [
    `${table} ${plain(key)}${column === null ? '' : `: ${column}`} differs`,
    `  recorded  ${excerpt(recorded, at)}`,
    `  replayed  ${excerpt(replayed, at)}`,
  ]
}

function summary({ steps: [from, to], rows, rollouts, seconds, difference }: Replayed): string {
  const speed = Math.round(rollouts / Math.max(seconds, 0.001))
  const what = `${rows} rows and ${rollouts} rollouts in ${seconds.toFixed(1)} s, ${speed} rollouts/s`
  if (difference) return `stopped at the first difference, after ${what}`
  return `steps ${from} to ${to} equal the recording: ${what}`
}

export async function run(args: Args): Promise<number> {
  const name = args.positions[0] as string
  const folder = existingRun(homeOf(args), name)
  const terminal = createTerminal(process.stderr)
  const isExecuted = args.flags.has('execute')
  const onStep = ({ step }: { step?: number }) => terminal.status(`step ${step} as recorded`)
  const replayed = await replay({ folder, isExecuted, onStep })
  const { difference } = replayed
  terminal.close()
  for (const line of difference ? differenceLines(difference) : []) terminal.line(line)
  terminal.line(summary(replayed))
  if (args.flags.has('json')) process.stdout.write(`${jsonText({ run: name, ...replayed })}\n`)
  return difference ? 1 : 0
}
