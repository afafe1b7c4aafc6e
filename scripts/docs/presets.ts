/** docs/reference/presets.md: the purpose and the knobs of each file in configs/. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { wrap } from '../../lib/terminal.ts'
import { presetNames } from '../../src/config/load.ts'
import { presetFolder } from '../../src/config/paths.ts'
import { code, made, paragraph } from './markdown.ts'

type Tree = { [key: string]: unknown }
const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const leaves = (tree: Tree, prefix = ''): [path: string, value: unknown][] =>
  Object.entries(tree).flatMap(([name, value]) =>
    isTree(value) && name !== 'shape'
      ? leaves(value, `${prefix}${name}.`)
      : [[`${prefix}${name}`, value] as [string, unknown]],
  )

function section(name: string): string[] {
  const text = readFileSync(join(presetFolder, `${name}.yaml`), 'utf8')
  const [head = ''] = /^(#.*\n)+/.exec(text) ?? []
  const about = head.replace(/^# ?/gm, '').trim().replaceAll('\n', ' ')
  const knobs = leaves(parse(text))
    .filter(([path]) => path !== 'model.shape')
    .map(([path, value]) => code(`${path}=${Array.isArray(value) ? `[${value}]` : value}`))
  return [`## ${name}`, '', ...paragraph(about), ...wrap(`It sets ${knobs.join(', ')}.`, 100), '']
}

export const presetsPage = (): string =>
  [
    made,
    '# Presets',
    '',
    'A preset is a YAML file in `configs/`. `azr train PRESET` uses one, and flags change it. To write',
    'your own, copy one anywhere and train with its path: `azr train ./mine.yaml`. A knob that a preset',
    'leaves out has the default of [Config](config.md). `azr plan PRESET` estimates what it needs.',
    '',
    'Start with `micro` on a CPU, and with `qwen2.5-coder-3b-24gb` on a 24 GB card.',
    '',
    ...presetNames().flatMap(section),
  ].join('\n')
