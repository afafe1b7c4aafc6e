/**
 * Plug-ins as Node and Deno load them, in a separate process, because a test runner loads files
 * differently.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { anchored, isPluginPath } from '../../src/config/plugin-path.ts'
import { loadPlugin } from '../../src/plugins/load.ts'
import { sourcesOf } from '../../src/plugins/sources.ts'
import { temporary } from '../temporary.ts'

const root = join(import.meta.dirname, '..', '..')
const loader = join(root, 'src', 'plugins', 'load.ts')
const blame = join(root, 'src', 'plugins', 'blame.ts')
const deno = join(root, 'node_modules', '.bin', 'deno')
const runtimes: [string, string, string[]][] = [
  ['Node', process.execPath, []],
  ['Deno', deno, ['run', '-A', '--quiet']],
]

/** Loads `file` as a reward with a function `pay`, calls it, and prints the result. */
const script = `
import { loadPlugin } from ${JSON.stringify(loader)}
import { guarded } from ${JSON.stringify(blame)}
const check = value => {
  if (typeof value.pay !== 'function') throw new Error('its default export has no function pay')
  return value
}
try {
  const plugin = await loadPlugin(process.argv[2], 'reward', check)
  const paid = await guarded(plugin, given => plugin.value.pay(given))(2)
  console.log(JSON.stringify({ ...plugin, paid }))
} catch (error) {
  console.log(JSON.stringify({ error: error.name + ': ' + error.message }))
}`

function load([, command, flags]: (typeof runtimes)[number], files: Record<string, string>) {
  const folder = temporary('plugins')
  const all = { 'package.json': '{"type": "module"}', 'load.mjs': script, ...files }
  for (const [name, text] of Object.entries(all)) writeFileSync(join(folder, name), text)
  const [entry = ''] = Object.keys(files)
  const args = [...flags, join(folder, 'load.mjs'), `./${entry}`]
  const options = { cwd: folder, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } } as const
  return JSON.parse(execFileSync(command, args, options))
}

const mine = (body: string) => `export default { name: 'mine', pay(n: number) { ${body} } }\n`

test.each(runtimes)(
  'a plug-in in TypeScript that imports its own files, under %s',
  (...runtime) => {
    const text = `import { two } from './two.ts'\n${mine('return n + two')}`
    const found = load(runtime, { 'mine.ts': text, 'two.ts': 'export const two: number = 2\n' })
    expect(found).toMatchObject({ what: 'reward', name: 'mine', paid: 4 })
    expect(found.hash).toMatch(/^[0-9a-f]{32}$/)
  },
)

test('a plug-in in another folder can import what azr publishes', () => {
  const text = `import { accept } from 'azr/kind'\n${mine('return accept(n).value')}`
  expect(load(runtimes[0] as (typeof runtimes)[number], { 'mine.ts': text })).toMatchObject({
    paid: 2,
  })
})

const lines = (...text: string[]) => `${text.join('\n')}\n`
const wrong: [string, Record<string, string>, RegExp][] = [
  [
    'throws when called',
    { 'a.ts': mine('\n\nreturn n.x.y') },
    /reward \.\/a\.ts:3 threw TypeError/,
  ],
  ['rejects', { 'a.ts': mine('return (async () => {\nthrow n\n})()') }, /a\.ts threw 2$/],
  [
    'throws in a file of its own',
    {
      'a.ts': lines("import { deep } from './b.ts'", mine('return deep(n)')),
      'b.ts': lines('export function deep(n: number) {', "  throw new RangeError('far')", '}'),
    },
    /reward \.\/b\.ts:2 threw RangeError: far$/,
  ],
  [
    'throws when loaded',
    { 'a.ts': lines('', "throw new Error('no')") },
    /use reward \.\/a\.ts:2: Error: no;/,
  ],
  [
    'does not parse',
    { 'a.ts': lines('const a = 1', 'const b = +* 2') },
    /\.\/a\.ts:2: .*Expression expected;/,
  ],
  [
    'does not parse, in JavaScript',
    { 'a.js': lines('const a = 1', 'const b = +* 2') },
    /\.\/a\.js:2: /,
  ],
  [
    'does not parse, in a file of its own',
    {
      'a.ts': lines("import './b.js'"),
      'b.js': lines('', '', 'const b = +* 2'),
    },
    /\.\/b\.js:3: /,
  ],
  ['imports what is not there', { 'a.ts': "import './none.ts'\n" }, /reward \.\/a\.ts.*none\.ts/],
  [
    'exports nothing',
    { 'a.ts': 'export const a = 1\n' },
    /\.\/a\.ts: its default export has no name; docs\/how-to\/add-a-reward\.md$/,
  ],
  [
    'lacks a function',
    { 'a.ts': "export default { name: 'a' }\n" },
    /\.\/a\.ts: its default export has no function pay; docs/,
  ],
  ['is not code', { 'a.py': 'pass\n' }, /\.\/a\.py: it is not a \.ts, \.mts, \.js or \.mjs file/],
]

for (const runtime of runtimes) {
  test.each(wrong)(
    `one that %s is named with its line under ${runtime[0]}`,
    (_, files, message) => {
      expect(load(runtime, files).error).toMatch(message)
    },
  )
}

test('a missing file is named', async () => {
  await expect(loadPlugin('./gone.ts', 'kind', value => value)).rejects.toThrow(
    'Cannot use kind ./gone.ts: there is no such file; docs/how-to/add-a-kind.md',
  )
})

test('the hash covers the contents of all its files, in any folder', () => {
  const write = (folder: string, deep: string) => {
    writeFileSync(join(folder, 'a.ts'), "export { b } from './b.ts'\nimport('./b.ts')\n")
    writeFileSync(join(folder, 'b.ts'), "import './a.ts'\nnew URL('./c.jsonl', import.meta.url)\n")
    writeFileSync(join(folder, 'c.jsonl'), deep)
    return sourcesOf(join(folder, 'a.ts'))
  }
  const [one, two] = [temporary('hash'), temporary('hash')]
  const first = write(one, '1')
  expect(first.files).toEqual(['a.ts', 'b.ts', 'c.jsonl'].map(name => join(one, name)))
  cpSync(one, two, { recursive: true })
  expect(sourcesOf(join(two, 'a.ts')).hash).toBe(first.hash)
  expect(write(two, '2').hash).not.toBe(first.hash)
})

test('a path is distinguished from a name by its form', () => {
  expect(['./a.ts', '../a.js', '/a/b.mts'].every(isPluginPath)).toBe(true)
  expect(['deduction', 'humaneval+', 'a/b', '.hidden'].some(isPluginPath)).toBe(false)
  expect(anchored(['deduction', './a.ts', '/b.ts', 3], '/mine')).toEqual([
    'deduction',
    '/mine/a.ts',
    '/b.ts',
    3,
  ])
})
