/** docs/reference/cli.md: every command with its flags, from the specs that parse them. */
import { type CommandSpec, commonFlags, type FlagSpec } from '../../src/cli/args.ts'
import { commands } from '../../src/cli/commands.ts'
import { code, made, paragraph, prose, table } from './markdown.ts'

const flagRows = (flags: Record<string, FlagSpec>) =>
  Object.entries(flags).map(([name, { value, about }]) => [
    code(`--${name}${value ? ` ${value}` : ''}`),
    prose(about),
  ])

/** Columns stay unchanged. Other lines are prose. */
const detailLines = (detail: string): string[] =>
  /\S {2,}\S/.test(detail) ? ['```text', detail, '```', ''] : paragraph(detail)

function section({ name, positions, summary, detail, flags, takesKnobs }: CommandSpec): string[] {
  const rows = flagRows(flags)
  const knobs = 'It also takes every [knob](config.md) as `--path.to.knob=value`.'
  return [
    `### azr ${name}`,
    '',
    '```text',
    ['azr', name, ...positions].join(' '),
    '```',
    '',
    ...paragraph(summary),
    ...(detail ? detailLines(detail) : []),
    ...(rows.length > 0 ? table(['flag', 'meaning'], rows) : []),
    ...(takesKnobs ? [knobs, ''] : []),
  ]
}

export async function cliPage(): Promise<string> {
  const groups = Map.groupBy(Object.values(commands), ({ group }) => group)
  const sections: string[] = []
  for (const [group, members] of groups) {
    sections.push(`## ${group}`, '')
    for (const { load } of members) sections.push(...section((await load()).spec))
  }
  return [
    made,
    '# Commands',
    '',
    '`scripts/azr` is the command. Link it into your path, or call it by its path. `azr COMMAND --help`',
    'prints what this page says about a command.',
    '',
    'Every command has these flags:',
    '',
    ...table(['flag', 'meaning'], flagRows(commonFlags)),
    'Exit codes: 0 if all went well, 1 if the work failed, 2 if the command line was wrong, 130 after',
    'Ctrl-C.',
    '',
    ...sections,
  ].join('\n')
}
