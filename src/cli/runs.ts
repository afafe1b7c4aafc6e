import { createInterface } from 'node:readline/promises'
import { UsageError } from '../../domain/errors.ts'
import { sizeText } from '../../lib/formats.ts'
import { jsonText, tableWidth } from '../../lib/terminal.ts'
import { describeRuns, existingRun, type RunState, removeRun, statusOf } from '../../state/open.ts'
import { isOwned } from '../../state/owner.ts'
import { sizeOf } from '../../state/sizes.ts'
import { type Args, type CommandSpec, homeOf } from './args.ts'
import { bestCheckpoint, bestText } from './best.ts'
import { unreadLines } from './unread.ts'

export const spec: CommandSpec = {
  name: 'runs',
  summary: 'Lists the runs in the home folder; `azr runs rm RUN` deletes one with all its files.',
  positions: ['[rm]', '[RUN]'],
  flags: { yes: { about: 'rm: delete without asking' } },
}

/** An old run that cannot be read has no best checkpoint. */
function bestOf(home: string, name: string) {
  try {
    return bestCheckpoint(home, name)
  } catch {
    return null
  }
}

function bestCell(home: string, name: string): string {
  const best = bestOf(home, name)
  return best ? bestText(best) : '–'
}

/** The columns, from the most to the least important. */
const columns = [
  'run',
  'status',
  'step',
  'best checkpoint',
  'preset',
  'begun (UTC)',
  'size',
] as const
const inTable = [
  'run',
  'status',
  'step',
  'preset',
  'best checkpoint',
  'size',
  'begun (UTC)',
] as const

type Row = Record<(typeof columns)[number], string>

function rowOf(home: string, state: RunState): Row {
  return {
    run: state.name,
    status: statusOf(state),
    step: `${state.step ?? '–'}/${(state.run.config as { steps: number }).steps}`,
    preset: state.run.preset,
    'best checkpoint': bestCell(home, state.name),
    size: sizeText(sizeOf(existingRun(home, state.name))),
    'begun (UTC)': new Date(state.run.created_at_ms).toISOString().slice(0, 16).replace('T', ' '),
  }
}

/**
 * Leaves out columns from the end of `columns` until the lines fit. Names of runs stay complete.
 */
export function runLines(rows: readonly Row[], width: number): string[] {
  const sizes = new Map(
    columns.map(name => [name, Math.max(name.length, ...rows.map(row => row[name].length))]),
  )
  const total = (names: readonly string[]) =>
    names.reduce((sum, name) => sum + (sizes.get(name as keyof Row) as number) + 2, -2)
  let kept: readonly (keyof Row)[] = columns
  while (kept.length > 1 && total(kept) > width) kept = kept.slice(0, -1)
  const shown = inTable.filter(name => kept.includes(name))
  const line = (cell: (name: keyof Row) => string) =>
    shown
      .map(name => cell(name).padEnd(sizes.get(name) as number))
      .join('  ')
      .trimEnd()
  return [line(name => name), ...rows.map(row => line(name => row[name]))]
}

/** Asks the user, unless --yes is given. Without a terminal the answer is no. */
async function isSure({ flags }: Args, name: string, size: string): Promise<boolean> {
  if (flags.has('yes')) return true
  if (!process.stdin.isTTY) {
    throw new UsageError(
      'confirmation-needed',
      `Cannot delete run ${name} (${size}) without a confirmation: azr runs rm ${name} --yes`,
    )
  }
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await lines.question(`delete run ${name} with all it holds (${size})? [y/N] `)
  lines.close()
  return /^y(es)?$/i.test(answer.trim())
}

async function remove(args: Args, home: string, name: string): Promise<number> {
  // Reads nothing, so that a damaged run can be deleted.
  const alive = isOwned(existingRun(home, name))
  const size = sizeText(sizeOf(existingRun(home, name)))
  if (!alive && !(await isSure(args, name, size))) {
    process.stderr.write(`run ${name} was not deleted\n`)
    return 1
  }
  removeRun(home, name)
  process.stderr.write(`run ${name} is deleted: ${size}\n`)
  return 0
}

export async function run(args: Args): Promise<number> {
  const home = homeOf(args)
  const [verb, name] = args.positions
  if (verb === 'rm') {
    if (name === undefined)
      throw new UsageError(
        'argument-missing',
        'azr runs rm needs a run: azr runs rm RUN (list them with azr runs)',
      )
    return remove(args, home, name)
  }
  const { states, unread } = describeRuns(home)
  for (const line of unreadLines(unread)) process.stderr.write(line)
  if (args.flags.has('json')) {
    const rows = states.map(state => ({
      id: state.name,
      status: statusOf(state),
      step: state.step,
      pid: state.pid,
      preset: state.run.preset,
      seed: state.run.seed,
      bytes: sizeOf(existingRun(home, state.name)),
      best: bestOf(home, state.name),
    }))
    process.stdout.write(`${jsonText(rows)}\n`)
  } else if (states.length === 0) {
    process.stderr.write(`no run in ${home} yet: \`azr train micro\` begins one\n`)
  } else {
    const rows = states.map(state => rowOf(home, state))
    process.stdout.write(`${runLines(rows, tableWidth()).join('\n')}\n`)
  }
  return 0
}
