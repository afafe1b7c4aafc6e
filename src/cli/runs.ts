import { resolve } from 'node:path'
import { describeRun, type RunState, removeRun, runNames, statusOf } from '../../state/open.ts'
import { UsageError } from '../errors.ts'
import { type Args, type CommandSpec, homeOf } from './args.ts'

export const spec: CommandSpec = {
  name: 'runs',
  summary: 'Lists the runs below the home; `azr runs rm RUN` deletes one with all it holds.',
  positions: ['[rm]', '[RUN]'],
  flags: {},
}

function show(states: RunState[]): string {
  const rows = states.map(state => [
    state.name,
    statusOf(state),
    `${state.step ?? '–'}/${(state.run.config as { steps: number }).steps}`,
    state.run.preset,
    new Date(state.run.created_at_ms).toISOString().slice(0, 16).replace('T', ' '),
  ])
  const table = [['run', 'status', 'step', 'preset', 'begun (UTC)'], ...rows]
  const widths = table[0]?.map((_, i) => Math.max(...table.map(row => row[i]?.length ?? 0))) ?? []
  return table.map(row => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')).join('\n')
}

export async function run(args: Args): Promise<number> {
  const home = resolve(homeOf(args))
  const [verb, name] = args.positions
  if (verb !== undefined && verb !== 'rm') {
    throw new UsageError(
      `Cannot ${verb} runs: \`azr runs\` lists them, \`azr runs rm RUN\` deletes one`,
    )
  }
  if (verb === 'rm') {
    if (name === undefined) throw new UsageError('Cannot delete without a name: azr runs rm RUN')
    removeRun(home, name)
    process.stderr.write(`run ${name} is deleted\n`)
    return 0
  }
  const states = runNames(home).map(found => describeRun(home, found))
  if (args.flags.has('json')) {
    const rows = states.map(state => ({
      ...{ run: state.name, status: statusOf(state), step: state.step, pid: state.pid },
      ...{ preset: state.run.preset, seed: state.run.seed },
    }))
    process.stdout.write(`${JSON.stringify(rows)}\n`)
  } else if (states.length === 0) {
    process.stderr.write(`no run in ${home} yet: \`azr train micro\` begins one\n`)
  } else {
    process.stdout.write(`${show(states)}\n`)
  }
  return 0
}
