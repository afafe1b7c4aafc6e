/** The text of `azr --help`, `azr COMMAND --help` and `--help-all`. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { cut, proseWidth, wrap } from '../../lib/terminal.ts'
import { commonKnobs } from '../config/common.ts'
import { type CommandSpec, flagsOf } from './args.ts'

/** A name and its description next to it, wrapped to the terminal's width. */
function entry(name: string, about: string, room: number): string[] {
  const lines = wrap(about, proseWidth() - room - 2)
  const [first = '', ...rest] = lines
  const isLong = name.length > room - 3
  const head = isLong
    ? [`  ${name}`, `  ${' '.repeat(room - 2)}${first}`]
    : [`  ${name.padEnd(room - 2)}${first}`]
  return [...head, ...rest.map(line => `  ${' '.repeat(room - 2)}${line}`)]
}

/** None on a bare clone, where the packages that the config needs are not installed yet. */
async function knobLines(isAll: boolean): Promise<string[]> {
  if (existsSync(join(import.meta.dirname, '../../node_modules/zod'))) return allKnobLines(isAll)
  return [
    '',
    'docs/reference/config.md lists the knobs. `azr setup` installs what --help-all needs.',
  ]
}

/** Knobs by section, each with its default and its reason. */
async function allKnobLines(isAll: boolean): Promise<string[]> {
  const { shownKnobs } = await import('../config/load.ts')
  const all = shownKnobs()
  const shown = all.filter(({ path }) => isAll || commonKnobs.includes(path))
  const sections = Map.groupBy(shown, ({ path }) => (path.includes('.') ? path.split('.')[0] : ''))
  const sectionLines = [...sections].flatMap(([section, members]) => [
    '',
    `  ${section || 'run'}`,
    ...members.flatMap(({ path, default: preset, why: whole }) => {
      const why = isAll ? whole : whole.split(/\. /, 1)[0]?.replace(/\.$/, '')
      const value = JSON.stringify(preset).replaceAll('"', '')
      return entry(`  --${path}=${cut(value, 24)}`, why ?? '', proseWidth() < 80 ? 8 : 40)
    }),
  ])
  const title = isAll ? 'All knobs' : 'The most common knobs'
  const more = isAll
    ? []
    : ['', `--help-all lists all ${all.length}; see docs/reference/config.md.`]
  return ['', ...wrap(`${title}, with their defaults:`, proseWidth()), ...sectionLines, ...more]
}

export async function helpOf(spec: CommandSpec, isAll: boolean): Promise<string> {
  const flags = Object.entries({ ...spec.flags, ...flagsOf(spec) }).flatMap(
    ([name, { value, about }]) => entry(`--${name}${value ? ` ${value}` : ''}`, about, 28),
  )
  return [
    `azr ${[spec.name, ...spec.positions].join(' ')}`,
    '',
    ...wrap(spec.summary, proseWidth()),
    ...(spec.detail
      ? ['', ...spec.detail.split('\n').flatMap(line => wrap(line, proseWidth()))]
      : []),
    '',
    ...(spec.takesKnobs ? entry('--path.to.knob=VALUE', 'sets a knob of the config', 28) : []),
    ...flags,
    ...(spec.takesKnobs ? await knobLines(isAll) : []),
    '',
  ].join('\n')
}

export type Listed = { about: string; group: string }

/** The commands by group. */
export function usage(commands: Readonly<Record<string, Listed>>): string {
  const groups = Map.groupBy(Object.entries(commands), ([, { group }]) => group)
  const lines = [...groups].flatMap(([group, members]) => [
    '',
    group,
    ...members.flatMap(([name, { about }]) => entry(name, about, 17)),
  ])
  return [
    ...wrap(
      'azr: Absolute Zero on one box. A model invents tasks, solves them, and learns from both.',
      proseWidth(),
    ),
    '',
    'azr COMMAND [ARGS] [--flag value]',
    ...lines,
    '',
    'azr help COMMAND shows more.',
    'Start with: azr train micro',
    '',
  ].join('\n')
}
