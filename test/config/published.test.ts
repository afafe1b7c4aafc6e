/** docs/explanation/deviations.md: every row names a knob or a test, every side is right. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseArgs } from '../../src/cli/args.ts'
import { spec } from '../../src/cli/train.ts'
import { configSchema } from '../../src/config/config.ts'
import { knobs, loadConfig, presetNames } from '../../src/config/load.ts'
import { root } from '../../src/config/paths.ts'
import { asPublished } from '../../src/config/published.ts'

const page = readFileSync(join(root, 'docs', 'explanation', 'deviations.md'), 'utf8')
const [deviations = '', sides = ''] = page.split('## Defaults and published settings')
const rowsOf = (text: string) =>
  text
    .split('\n')
    .filter(line => /^\| (?!-|what|knob| )/.test(line) && !line.startsWith('| | '))
    .filter(line => !/ of (?:256|64)\b/.test(line) && !line.startsWith('| model |'))
    .map(line => line.slice(2, -2).split(' | '))

const paths = knobs().map(({ path }) => path)
const valueAt = (tree: unknown, path: string) =>
  path.split('.').reduce<unknown>((at, part) => (at as Record<string, unknown>)[part], tree)

/** Whether a cell names a knob, or quotes the name of a test in its file. */
function holds(cell: string): boolean {
  const names = [...cell.matchAll(/`([^`]+)`/g)].map(match => match[1] as string)
  if (names.some(name => paths.includes(name))) return true
  const [, file, words] = /`(test\/[\w/.-]+\.ts)` › (.+?)(?:, `|$)/.exec(cell) ?? []
  if (!file || !words || !existsSync(join(root, file))) return false
  return readFileSync(join(root, file), 'utf8').includes(words)
}

describe('deviations', () => {
  test('the page has those of the reference, B1 to B52', () => {
    const found = rowsOf(deviations).flatMap(([name]) => /^B\d+$/.exec(name ?? '')?.[0] ?? [])
    expect(found).toEqual(Array.from({ length: 52 }, (_, i) => `B${i + 1}`))
  })

  test.each(rowsOf(deviations))('%s, %s: names an existing knob or test', (...cells) => {
    expect(holds(cells.at(-1) as string), cells.at(-1) as string).toBe(true)
  })

  test('a row that names neither is found', () => {
    expect(holds('`domain/validate.ts`')).toBe(false)
    expect(holds('`test/domain/validate.test.ts` › words that stand nowhere')).toBe(false)
  })
})

describe('as published', () => {
  const defaults = configSchema.parse({})
  const published = Object.fromEntries(asPublished.map(({ path, value }) => [path, value]))

  test('the page says which value each knob has on either side', () => {
    const differing = Object.entries(published).filter(
      ([path, value]) => JSON.stringify(valueAt(defaults, path)) !== value,
    )
    const told = rowsOf(sides).map(([knob, ours, theirs]) => [knob, ours, theirs])
    const due = differing.map(([path, value]) =>
      [path, JSON.stringify(valueAt(defaults, path)), value].map(text => `\`${text}\``),
    )
    expect(told.sort()).toEqual(due.sort())
  })

  test.each(presetNames())('%s accepts all of it, and other flags win', async name => {
    const { overrides } = await parseArgs(spec, [name, '--solve.on=current', '--as-published'])
    const config = loadConfig(name, overrides)
    for (const [path, value] of Object.entries(published)) {
      if (path === 'solve.on') continue
      expect(JSON.stringify(valueAt(config, path)), path).toBe(value)
    }
    expect(config.solve.on).toBe('current')
  })
})
