import { join } from 'node:path'
import { UsageError } from '../../domain/errors.ts'
import { createTerminal, cut, jsonText, plain, type Terminal } from '../../lib/terminal.ts'
import { openForReading } from '../../state/database.ts'
import { existingRun } from '../../state/open.ts'
import { type Branch, traceIn } from '../../state/provenance.ts'
import { type Args, type CommandSpec, homeOf } from './args.ts'

export const spec: CommandSpec = {
  name: 'trace',
  summary: 'Shows the origin of something in a run, as a tree down to the seeds.',
  positions: ['RUN', 'ID'],
  flags: {},
  detail:
    'ID: the step of an update (12), or the id of a rollout, a task or an execution; a task ' +
    'also by its\nhash. An update shows the rollouts that changed it most; the view ' +
    'v_training lists all of them.',
}

function fact([name, value]: [string, unknown]): string[] {
  if (value === null || value === undefined) return []
  if (value === '') return name === 'message' ? [] : [name]
  if (typeof value === 'number' && !Number.isInteger(value))
    return [`${name} ${Number(value.toPrecision(4))}`]
  return [`${name} ${plain(String(value))}`]
}

const indent = '  '

/** A branch as lines: its row, its text, and its children below. */
export function treeLines(
  branch: Branch,
  width: number,
  paint: Terminal['paint'],
  depth = 0,
): string[] {
  const { kind, id, facts, text, children } = branch
  const room = width - indent.length * depth
  const title = kind === 'note' ? id : `${kind} ${id}`
  const said = Object.entries(facts).flatMap(fact).join(', ')
  const head = cut(plain(title), room)
  const rest =
    said && [...head].length + 2 < room ? `  ${cut(said, room - [...head].length - 2)}` : ''
  const written = (text ?? '').split('\n').filter(line => line.trim() !== '')
  const margin = indent.repeat(depth)
  return [
    `${margin}${kind === 'note' ? head : paint('bold', head)}${rest}`,
    ...written.map(line => `${margin}${indent}${paint('dim', `│ ${cut(plain(line), room - 4)}`)}`),
    ...children.flatMap(child => treeLines(child, width, paint, depth + 1)),
  ]
}

export async function run(args: Args): Promise<number> {
  const [name, id] = args.positions as [string, string]
  const { client } = openForReading(join(existingRun(homeOf(args), name), 'run.db'))
  try {
    const tree = traceIn(client, id)
    if (!tree) {
      throw new UsageError(
        'row-unknown',
        `Cannot find ${plain(id)} in run ${name}: give the step of an update, the id of a rollout, a ` +
          'task or an execution, or the hash of a task',
      )
    }
    if (args.flags.has('json')) process.stdout.write(`${jsonText(tree)}\n`)
    else {
      const { paint, width } = createTerminal(process.stdout)
      process.stdout.write(`${treeLines(tree, width(), paint).join('\n')}\n`)
    }
    return 0
  } finally {
    client.close()
  }
}
