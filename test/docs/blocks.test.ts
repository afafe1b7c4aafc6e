/**
 * Every fenced block of the documentation. Shell blocks without a mark are run by the tests that
 * `runBy` names. All others are checked against the commands, the config and the schema.
 */
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { parseArgs } from '../../src/cli/args.ts'
import { commands } from '../../src/cli/commands.ts'
import { knobs, loadConfig, parseConfig, presetNames } from '../../src/config/load.ts'
import { root } from '../../src/config/paths.ts'
import { makeHome, query, unpack } from '../run/replay/stored.ts'
import { azrCallsOf, commandsOf } from './commands.ts'
import { type Block, blocksOf, pages, readPage } from './pages.ts'
import { pythonRunBy, runBy } from './run-by.ts'

const docs = pages.filter(page => !/^docs\/decisions\//.test(page))
const blocks = docs.flatMap(blocksOf)
const named = (list: Block[]) =>
  list.map(block => ({ ...block, at: `${block.page}:${block.line}` }))
const of = (...languages: string[]) =>
  named(blocks.filter(({ language }) => languages.includes(language)))

/** Why a shell block is not run: it needs something that a test lacks, or does not end. */
const marks = ['gpu', 'network', 'docker', 'server', 'install', 'remote', 'long']

/**
 * The languages, and their marks. Other programs read blocks with the mark `external`, so we only
 * parse them. Python with `needs=pyarrow` is compiled and not run.
 */
const languages: Record<string, string[]> = {
  sh: marks,
  sql: ['rescore'],
  python: ['needs=pyarrow'],
  ts: [],
  yaml: ['config', 'external'],
  json: [],
  text: [],
  ini: ['external'],
  nginx: ['external'],
}
const alwaysMarked = ['yaml', 'ini', 'nginx']

test.each(named(blocks))(
  '$at names its language and how it is checked',
  ({ language, marks: given }) => {
    expect(Object.keys(languages)).toContain(language)
    expect(given.length).toBeLessThanOrEqual(1)
    expect(given.length).toBeGreaterThanOrEqual(alwaysMarked.includes(language) ? 1 : 0)
    for (const mark of given) expect(languages[language]).toContain(mark)
  },
)

test('Python that is not marked is run by a test', () => {
  const unmarked = blocks.filter(
    ({ language, marks: given }) => language === 'python' && given.length === 0,
  )
  const runHere = 'docs/explanation/rewards.md'
  const others = unmarked.filter(({ page }) => !(page in pythonRunBy) && page !== runHere)
  expect(others.map(({ page, line }) => `${page}:${line}`)).toEqual([])
  for (const [page, file] of Object.entries(pythonRunBy)) {
    expect(readFileSync(join(root, file), 'utf8')).toContain(page)
  }
})

test('shell blocks that are not marked are run by a test', () => {
  const unmarked = blocks.filter(({ language, marks }) => language === 'sh' && marks.length === 0)
  const others = unmarked.filter(({ page }) => !(page in runBy))
  expect(others.map(({ page, line }) => `${page}:${line}`)).toEqual([])
  for (const [page, file] of Object.entries(runBy)) {
    expect(
      unmarked.some(block => block.page === page),
      page,
    ).toBe(true)
    expect(readFileSync(join(root, file), 'utf8').length, file).toBeGreaterThan(0)
  }
})

/** Parses a command line as azr does, and loads the config of its preset with the given knobs. */
async function check([name = '', ...words]: string[]): Promise<void> {
  if (name.startsWith('-') || name === '' || name === 'help') return
  expect(Object.keys(commands)).toContain(name)
  const { spec } = await (commands[name] as (typeof commands)[string]).load()
  const args = await parseArgs(spec, words)
  const [preset = 'micro'] = args.positions
  if (['train', 'plan'].includes(name) && presetNames().includes(preset)) {
    loadConfig(preset, args.overrides)
  }
}

describe('commands', () => {
  const withCalls = of('sh').filter(({ text }) => azrCallsOf(text).length > 0)

  test.each(withCalls)('$at calls azr correctly', async ({ text }) => {
    for (const call of azrCallsOf(text)) await check(call)
  })

  test('a missing command or flag is found', async () => {
    await expect(check(['fly'])).rejects.toThrow()
    await expect(check(['runs', '--fast'])).rejects.toThrow(/Cannot read --fast/)
    await expect(check(['train', 'smoke', '--steps=no'])).rejects.toThrow(/steps/)
    expect(azrCallsOf('azr a "b c" # d\necho x | scripts/azr e > f && cat')).toEqual([
      ['a', 'b c'],
      ['e'],
    ])
  })

  test('npm scripts exist in package.json', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    const called = docs.flatMap(page =>
      [...readPage(page).matchAll(/\bnpm run ([\w:]+)/g)].map(([, name = '']) => name),
    )
    const shell = of('sh').flatMap(({ text }) => commandsOf(text).filter(([it]) => it === 'npm'))
    expect(shell.length).toBeGreaterThan(0)
    expect(called.filter(name => !(name in scripts))).toEqual([])
  })
})

/** Code in a line of prose: `azr fork RUN --at STEP`. */
const inline = docs.flatMap(page =>
  [
    ...readPage(page)
      .replaceAll(/```[\s\S]*?```/g, '')
      .matchAll(/`([^`\n]+)`/g),
  ].map(([, text = '']) => ({ page, text })),
)

test('commands in prose have existing names and flags', async () => {
  const calls = inline.filter(({ text }) => /^azr [a-z]/.test(text))
  expect(calls.length).toBeGreaterThan(50)
  const wrong: string[] = []
  for (const { page, text } of calls) {
    const [, name = '', ...words] = text.split(/[\s[\]|]+/)
    const spec = (await commands[name]?.load())?.spec
    const flags = words.flatMap(word => /^--([a-z][\w.-]*)/i.exec(word)?.[1] ?? [])
    const known = [...Object.keys(spec?.flags ?? {}), 'home', 'json', 'help', 'help-all']
    const paths = knobs().map(({ path }) => path)
    const isKnown = (flag: string) =>
      known.includes(flag) || paths.includes(flag) || flag === 'path.to.knob'
    if (!spec || !flags.every(isKnown)) wrong.push(`${page}: ${text}`)
  }
  expect(wrong).toEqual([])
})

test('knobs in prose exist', () => {
  const paths = knobs().map(({ path }) => path)
  const sections = new Set(paths.filter(path => path.includes('.')).map(path => path.split('.')[0]))
  const curves = readPage('docs/reference/metrics.md')
  const dotted = inline.flatMap(({ page, text }) => {
    const [, path = ''] = /^-{0,2}([a-z]+(?:\.[a-zA-Z0-9]+)+)(?:=.*)?$/.exec(text) ?? []
    return sections.has(path.split('.')[0]) ? [{ page, path }] : []
  })
  expect(dotted.length).toBeGreaterThan(100)
  const isFile = (path: string) => /\.(py|ts|md|db|test)$/.test(path)
  // Functions of a benchmark's sandbox, and an event.
  const others = /^(sandbox\.(execute|runScript|readLiteral|metrics)|health\.alarm)$/
  const isPart = (path: string) => paths.some(known => known.startsWith(`${path}.`))
  const wrong = dotted.filter(
    ({ path }) =>
      !paths.includes(path) &&
      !isPart(path) &&
      !isFile(path) &&
      !others.test(path) &&
      !curves.includes(path),
  )
  expect(wrong).toEqual([])
})

describe('SQL', () => {
  const folder = unpack(makeHome(), 'stored')

  test.each(of('sql').filter(({ marks }) => !marks.includes('rescore')))(
    '$at runs on a stored run',
    ({ text }) => {
      const statements = text.split(/;\s*$/m).filter(part => part.trim() !== '')
      expect(statements.length).toBeGreaterThan(0)
      for (const statement of statements) query(folder, statement)
    },
  )
})

test('Python compiles, JSON and YAML parse', () => {
  const compile = 'import sys, json; [compile(t, n, "exec") for n, t in json.load(sys.stdin)]'
  const input = JSON.stringify(of('python').map(({ at, text }) => [at, text]))
  const { status, stderr } = spawnSync('python3', ['-c', compile], { input, encoding: 'utf8' })
  expect(status, stderr).toBe(0)
  for (const { text } of of('json')) JSON.parse(text)
  for (const { at, text, marks } of of('yaml')) {
    for (const document of parseAllDocuments(text)) expect(document.errors, at).toEqual([])
    if (marks.includes('config')) parseConfig(parse(text), at)
  }
})

test.each(of('ts'))('$at is in a file that is type-checked', ({ text }) => {
  const files = globSync('{examples,test,src,domain}/**/*.ts', { cwd: root })
  const holds = (file: string) => readFileSync(join(root, file), 'utf8').includes(text)
  expect(files.some(holds)).toBe(true)
})

test('the figures of TRR++ are those of the code', async () => {
  const { whiten } = await import('../../domain/advantage/trr.ts')
  const rewards = [1, 1, -0.5, -0.5, -0.5, -0.5, -0.5, -1]
  const values = whiten(
    rewards.map(reward => ({ reward, tokens: 10 })),
    'token',
  )
  const page = readPage('docs/explanation/rewards.md')
  for (const [name, i] of [
    ['correct', 0],
    ['wrong', 2],
    ['malformed', 7],
  ] as const) {
    const shown = `${(values[i] as number).toFixed(3)}`.replace('-', '−')
    expect(page).toContain(`| ${name} | ${String(rewards[i]).replace('-', '−')} | ${shown} |`)
  }
})

test('the figures of working are those of the code', async () => {
  const { judgeWorking, tracingProgram } = await import('../../domain/credit.ts')
  const { whiten } = await import('../../domain/advantage/trr.ts')
  const page = readPage('docs/explanation/rewards.md')
  const [program] = blocksOf('docs/explanation/rewards.md').map(({ text }) => text.trim())
  expect(tracingProgram(program ?? '')).not.toBeNull()
  // Any two ids do: 1 ends a statement, 2 begins the answer.
  const ids = Int32Array.of(0, 5, 1, 5, 1, 2, 5)
  const rows = [...page.matchAll(/^\| `(b = .*;)` then (\d+) \| \w+ \| (.+) \| (.+) \|$/gm)]
  expect(rows).toHaveLength(3)
  const judged = rows.map(([, text = '', answer, ...said]) => {
    const written = { text: `<T>${text}<A>${answer}`, ids, marks: { statement: 1, answer: 2 } }
    const found = judgeWorking(written, ['b = 5', 'c = 10'])
    const words = found.map(({ isTrue }) => (isTrue === null ? 'not judged' : String(isTrue)))
    expect(said).toEqual(words)
    return found.filter(({ isTrue }) => isTrue !== null)
  })
  const rewards = judged.flat().map(({ isTrue }) => ({ reward: isTrue ? 1 : 0, tokens: 2 }))
  const values = whiten(rewards, 'sequence').map(value => value.toFixed(3).replace('-', '−'))
  expect(new Set(values).size).toBe(2)
  expect(page).toContain(`| true | 1 | ${values[0]} |`)
  expect(page).toContain(`| false | 0 | ${values[3]} |`)
})
