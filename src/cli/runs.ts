import { createInterface } from 'node:readline/promises'
import { UsageError } from '../../domain/errors.ts'
import { sizeText } from '../../lib/formats.ts'
import { jsonText } from '../../lib/terminal.ts'
import { describeRuns, existingRun, type RunState, removeRun, statusOf } from '../../state/open.ts'
import { isOwned } from '../../state/owner.ts'
import { sizeOf } from '../../state/sizes.ts'
import { type Args, type CommandSpec, homeOf } from './args.ts'
import { bestCheckpoint, bestText } from './best.ts'
import { unreadLines } from './unread.ts'

export const spec: CommandSpec = {
  name: 'runs',
  summary: 'Lists the runs below the home; `azr runs rm RUN` deletes one with all it holds.',
  positions: ['[rm]', '[RUN]'],
  flags: { yes: { about: 'rm: delete without asking' } },
}

/** An old run that cannot be asked has no best checkpoint. */
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

function show(home: string, states: RunState[]): string {
  const rows = states.map(state => [
    state.name,
    statusOf(state),
    `${state.step ?? '–'}/${(state.run.config as { steps: number }).steps}`,
    state.run.preset,
    bestCell(home, state.name),
    sizeText(sizeOf(existingRun(home, state.name))),
    new Date(state.run.created_at_ms).toISOString().slice(0, 16).replace('T', ' '),
  ])
  const table = [
    ['run', 'status', 'step', 'preset', 'best checkpoint', 'size', 'begun (UTC)'],
    ...rows,
  ]
  const widths = table[0]?.map((_, i) => Math.max(...table.map(row => row[i]?.length ?? 0))) ?? []
  return table.map(row => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')).join('\n')
}

/** Asks, unless it was told not to; nobody to ask is a no. */
async function isSure({ flags }: Args, name: string, size: string): Promise<boolean> {
  if (flags.has('yes')) return true
  if (!process.stdin.isTTY) {
    throw new UsageError(
      `Cannot ask whether to delete run ${name} (${size}): azr runs rm ${name} --yes`,
    )
  }
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await lines.question(`delete run ${name} with all it holds (${size})? [y/N] `)
  lines.close()
  return /^y(es)?$/i.test(answer.trim())
}

async function remove(args: Args, home: string, name: string): Promise<number> {
  // Nothing is read: a damaged run can be deleted too.
  const alive = isOwned(existingRun(home, name))
  const size = sizeText(sizeOf(existingRun(home, name)))
  if (!alive && !(await isSure(args, name, size))) {
    process.stderr.write(`run ${name} stays\n`)
    return 1
  }
  removeRun(home, name)
  process.stderr.write(`run ${name} is deleted: ${size}\n`)
  return 0
}

export async function run(args: Args): Promise<number> {
  const home = homeOf(args)
  const [verb, name] = args.positions
  if (verb !== undefined && verb !== 'rm') {
    throw new UsageError(
      `Cannot ${verb} runs: \`azr runs\` lists them, \`azr runs rm RUN\` deletes one`,
    )
  }
  if (verb === 'rm') {
    if (name === undefined) throw new UsageError('Cannot delete without a name: azr runs rm RUN')
    return remove(args, home, name)
  }
  const { states, unread } = describeRuns(home)
  for (const line of unreadLines(unread)) process.stderr.write(line)
  if (args.flags.has('json')) {
    const rows = states.map(state => ({
      run: state.name,
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
    process.stdout.write(`${show(home, states)}\n`)
  }
  return 0
}
