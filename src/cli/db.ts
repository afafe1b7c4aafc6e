import { basename, dirname, resolve } from 'node:path'
import { UsageError } from '../../domain/errors.ts'
import { sizeText } from '../../lib/formats.ts'
import { jsonText, plain } from '../../lib/terminal.ts'
import { backupRun } from '../../state/backup.ts'
import { type Checked, checkRun } from '../../state/check.ts'
import { existingRun } from '../../state/open.ts'
import { type Salvaged, salvageRun } from '../../state/salvage.ts'
import { infoOf, type RunInfo } from '../../state/sizes.ts'
import { type Args, type CommandSpec, homeOf } from './args.ts'

export const spec: CommandSpec = {
  name: 'db',
  summary: 'Checks, copies or describes the stored files of a run.',
  positions: ['check|backup|info', 'RUN'],
  flags: {
    to: { value: 'DIR', about: 'backup: the new folder, a run that `azr resume` can continue' },
    salvage: { value: 'DIR', about: 'check: make a folder with all readable rows' },
  },
  detail: [
    'check   compares every row and checkpoint with what was committed; exit code 1 if one ' +
      'differs',
    'backup  copies a run, even while it is running, as it is at one moment',
    'info    version of the schema, rows and bytes of each table, checkpoints',
  ].join('\n'),
}

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`

const say = (lines: readonly string[]) => void process.stdout.write(`${lines.join('\n')}\n`)

function checkLines(name: string, checked: Checked, salvaged: Salvaged[] | null): string[] {
  const { steps, rows, checkpoints, findings } = checked
  const lines = findings.map(({ where, what }) => `damaged: ${where}: ${plain(what)}`)
  const seen = `${counted(rows, 'row')} of ${counted(steps, 'finished step')} and ${counted(checkpoints, 'checkpoint')}`
  if (findings.length === 0) lines.push(`${name} is undamaged: ${seen} equal what was committed`)
  else lines.push(`${name} is damaged in ${counted(findings.length, 'place')}: ${seen} were read`)
  for (const { table, rows: saved, lost } of salvaged ?? []) {
    const missing = lost ?? 'an unknown number'
    if (saved > 0 || lost !== 0) lines.push(`  ${table}: ${saved} rows read, ${missing} lost`)
  }
  if (findings.length > 0 && !salvaged) {
    lines.push(`\`azr db check ${name} --salvage DIR\` copies the readable rows`)
  }
  return lines
}

async function check({ flags }: Args, name: string, folder: string): Promise<number> {
  const target = flags.get('salvage')
  const checked = await checkRun(folder)
  const salvaged = target === undefined ? null : salvageRun(folder, resolve(target))
  const isWhole = checked.findings.length === 0
  if (flags.has('json')) say([jsonText({ run: name, ok: isWhole, ...checked, salvaged })])
  else say(checkLines(name, checked, salvaged))
  return isWhole ? 0 : 1
}

/** The command that resumes a copy. */
function resuming(target: string): string {
  const place = resolve(target)
  return `azr resume ${basename(place)} --home ${dirname(place)}`
}

function backup({ flags }: Args, name: string, folder: string): number {
  const target = flags.get('to')
  if (!target)
    throw new UsageError(
      'argument-missing',
      `Cannot back up without a folder: azr db backup ${name} --to DIR`,
    )
  const checkpoints = backupRun(folder, resolve(target))
  if (flags.has('json')) say([jsonText({ run: name, to: resolve(target), checkpoints })])
  else
    say([
      `${name} is in ${target} with ${counted(checkpoints, 'checkpoint')}: \`${resuming(target)}\``,
    ])
  return 0
}

function infoLines(name: string, info: RunInfo): string[] {
  const { version, newest, pageBytes, bytes, checkpoints, tables } = info
  const parts = Object.entries(bytes).map(([part, size]) => `${part} ${sizeText(size)}`)
  return [
    `${name}: schema ${version} of ${newest}, pages of ${pageBytes} bytes`,
    `  ${parts.join(', ')}`,
    ...checkpoints.map(
      ({ step, bytes: size }) => `  checkpoint of step ${step}: ${sizeText(size)}`,
    ),
    ...tables.map(({ table, rows, bytes: size }) => {
      return `  ${table.padEnd(20)} ${String(rows).padStart(10)} rows  ${sizeText(size).padStart(9)}`
    }),
  ]
}

export async function run(args: Args): Promise<number> {
  const [verb = '', name = ''] = args.positions
  for (const [flag, owner] of [
    ['to', 'backup'],
    ['salvage', 'check'],
  ] as const) {
    if (args.flags.has(flag) && verb !== owner)
      throw new UsageError(
        'flag-misplaced',
        `Cannot use --${flag} with ${verb}: it belongs to \`azr db ${owner}\``,
      )
  }
  const folder = existingRun(homeOf(args), name)
  if (verb === 'check') return check(args, name, folder)
  if (verb === 'backup') return backup(args, name, folder)
  const info = infoOf(folder)
  say(args.flags.has('json') ? [jsonText({ run: name, ...info })] : infoLines(name, info))
  return 0
}
