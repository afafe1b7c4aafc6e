/**
 * The requirements on a user's kind, and how its failures are distinguished from those of the
 * world.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { PluginFailed, SandboxGone, UsageError } from '../../domain/errors.ts'
import type { Proposal, TaskKind, Tools } from '../../domain/kinds/kind.ts'
import { speak } from '../../domain/prompts/dialect.ts'
import { micro } from '../../domain/prompts/micro.ts'
import { configSchema } from '../../src/config/config.ts'
import { root } from '../../src/config/paths.ts'
import { loadKind } from '../../src/plugins/kind.ts'
import { kindsIn, openPlugins } from '../../src/plugins/open.ts'
import { temporary } from '../temporary.ts'

const example = join(root, 'examples', 'kind', 'repair.ts')
const folder = temporary('kinds')
let files = 0

/** The example with changes, which are given as code. */
function changed(changes: string): string {
  mkdirSync(folder, { recursive: true })
  const path = join(folder, `kind-${files++}.ts`)
  writeFileSync(path, `import repair from '${example}'\nexport default { ...repair, ${changes} }\n`)
  return path
}

const proposal = {
  draft: { program: 'def f(a):\n return a + a', inputs: ['1', '2'], message: '' },
  context: { program: { program: 'def f(a):\n return a', pairs: [] } },
  rules: configSchema.parse({}).task,
} as unknown as Proposal

/** A stand-in for Python that doubles its input, or returns it. */
const tools = {
  inspect: async (program: string) => {
    const facts = { imports: [], uses: [], functions: ['f'], classes: [], unread: [] }
    return { ok: true, facts: { ...facts, normalized: program } }
  },
  execute: async (program: string, inputs: string[]) =>
    inputs.map(input => {
      const output = String(Number(input) * (program.includes('+') ? 2 : 1))
      const rest = { error: null, literal: true, cpuMs: 1, peakMemoryBytes: 1 }
      return { outcome: 'returned', output, canonical: output, inputCanonical: input, ...rest }
    }),
} as unknown as Tools

test('the example accepts only drafts whose fault shows', async () => {
  const { value } = await loadKind(example)
  expect(await value.validate(proposal, tools)).toEqual({
    normalized: proposal.draft.program,
    pairs: [
      { input: '1', output: '1', canonical: '1' },
      { input: '2', output: '2', canonical: '2' },
    ],
    identity: ['1', '2', '1', '2'],
  })
  const draft = { ...proposal.draft, program: 'def f(a):\n return a' }
  const same = await value.validate({ ...proposal, draft }, tools)
  expect(same).toEqual({ reason: 'no fault is shown' })
})

test('the fourth kind asks for the name of an error, or NoError', async () => {
  const { value } = await loadKind(join(root, 'examples', 'kind', 'error.ts'))
  const draft = { program: 'def f(a):\n return 1 / a', inputs: ['0'], message: '' }
  const raising = async () => [
    { outcome: 'raised', error: 'ZeroDivisionError', literal: true, inputCanonical: '(0;)' },
  ]
  const ran = { ...tools, execute: raising } as unknown as Tools
  expect(await value.validate({ ...proposal, draft }, ran)).toMatchObject({
    pairs: [{ input: '0', canonical: 'ZeroDivisionError' }],
  })
  expect(await value.validate(proposal, tools)).toMatchObject({ pairs: [{ output: 'NoError' }] })
  const judged = (answer: string) =>
    value.judge({ program: '', inputs: [], expected: ['ZeroDivisionError'], answer }, tools)
  expect(await judged('zerodivisionerror: division by zero')).toMatchObject({ right: 1 })
  expect(await judged('NoError')).toMatchObject({ right: 0 })
})

test('a run plays it next to built-in kinds, under its own name', async () => {
  const config = configSchema.parse({ kinds: ['induction', example] })
  const kinds = kindsIn(config, await openPlugins(config))
  expect(kinds.played).toEqual(['induction', 'repair'])
  expect(kinds.names).toEqual(['deduction', 'abduction', 'induction', 'repair'])
  const twice = configSchema.parse({ kinds: [example, changed('')] })
  const both = await openPlugins(twice)
  expect(() => kindsIn(twice, both)).toThrow(/together as both are called repair$/)
})

test.each([
  ["name: 'deduction'", /default export's name is taken; docs\/how-to\/add-a-kind\.md$/],
  ["name: 'a.b'", /name has to consist of small letters, digits and dashes/],
  ["colors: { light: 'red', dark: '#000000' }", /colors\.light is not a colour such as #2460a7/],
  ['judge: undefined', /judge is not a function/],
  ["words: { r1: { zero: { program: '', inputs: [], message: '' } } }", /words\.r1/],
])('%s is not a kind', async (changes, message) => {
  await expect(loadKind(changed(changes))).rejects.toThrow(message)
})

test('a dialect for which it has no prompts is refused before a run begins', async () => {
  const { value } = await loadKind(changed('words: { r1: repair.words.r1 }'))
  expect(() => speak(micro, [value], { timeoutMs: 1000 })).toThrow(UsageError)
  expect(() => speak(micro, [value], { timeoutMs: 1000 })).toThrow(
    'Cannot use kind repair in dialect micro as it has prompts for r1 only',
  )
})

const validate = (kind: TaskKind, over: Partial<Tools> = {}) =>
  kind.validate(proposal, { ...tools, ...over })

test('its exceptions and its invalid results are its fault', async () => {
  const throws = await loadKind(changed("validate() { throw new RangeError('no') }"))
  await expect(validate(throws.value)).rejects.toThrow(/kind .*kind-\d+\.ts:2 threw RangeError: no/)
  const lacks = await loadKind(changed('async validate() { return { normalized: 1 } }'))
  await expect(validate(lacks.value)).rejects.toThrow(PluginFailed)
  await expect(validate(lacks.value)).rejects.toThrow(/returned an invalid value from validate/)
  const { micro } = (
    await loadKind(changed('words: { micro: { ...repair.words.micro, solve: () => 3 } }'))
  ).value.words
  expect(() => micro?.solve({} as never, { timeoutMs: 1 })).toThrow(
    /returned an invalid value from solve/,
  )
})

test('exceptions of the sandbox are not', async () => {
  const { value } = await loadKind(example)
  const gone = new SandboxGone('sandbox-gone', 'gone')
  await expect(validate(value, { execute: () => Promise.reject(gone) })).rejects.toBe(gone)
})
