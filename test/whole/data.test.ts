/**
 * `azr data` with a local server: complete, truncated, wrong and resumed files, and a local folder.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { download } from '../../src/benchmarks/fetch/download.ts'
import { fetchBenchmark } from '../../src/benchmarks/fetch/fetch.ts'
import { findSuite } from '../../src/benchmarks/suites.ts'
import { root } from '../../src/config/paths.ts'
import { temporary } from '../temporary.ts'
import { start } from './azr.ts'

vi.setConfig({ testTimeout: 60_000 })

const body = Buffer.from('a file of some length, sent in two parts\n'.repeat(100))
const sha256 = createHash('sha256').update(body).digest('hex')
let home: string
let server: Server
let url: string
/** The server's requests, and its behaviour. */
let ranges: (string | undefined)[]
let cutAt: number | null
let sent: Buffer
/** Answers before the file's. */
let before: [status: number, location?: string][]

beforeEach(async () => {
  home = temporary('data')
  ranges = []
  cutAt = null
  sent = body
  before = []
  server = createServer(({ headers: { range } }, response) => {
    ranges.push(range)
    const [status, location] = before.shift() ?? []
    if (status) return response.writeHead(status, location ? { location } : {}).end('elsewhere')
    const from = Number(/bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0)
    response.writeHead(from > 0 ? 206 : 200, { 'content-length': sent.length - from })
    if (cutAt === null) return response.end(sent.subarray(from))
    response.write(sent.subarray(from, cutAt), () => setTimeout(() => response.destroy(), 50))
  })
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as { port: number }
  url = `http://127.0.0.1:${port}/set.jsonl`
})
afterEach(() => {
  server.close()
})

describe('a download', () => {
  const pin = () => ({ url, size: body.length, sha256 })
  const part = () => join(home, 'set.part')

  test('is complete', async () => {
    await download(pin(), part())
    expect(readFileSync(part()).equals(body)).toBe(true)
  })
  test('continues where it was interrupted', async () => {
    cutAt = 1000
    await expect(download(pin(), part())).rejects.toThrow('continues from there')
    expect(readFileSync(part()).length).toBe(1000)
    cutAt = null
    await download(pin(), part())
    expect(ranges).toEqual([undefined, 'bytes=1000-'])
    expect(readFileSync(part()).equals(body)).toBe(true)
  })
  test('follows redirects, and keeps its part if a server fails', async () => {
    writeFileSync(part(), body.subarray(0, 1000))
    before = [[302, '/moved'], [503]]
    await expect(download(pin(), part())).rejects.toThrow('continues from there')
    expect(readFileSync(part()).length).toBe(1000)
    before = [[307, url]]
    await download(pin(), part())
    expect(ranges).toEqual(Array(4).fill('bytes=1000-'))
    expect(readFileSync(part()).equals(body)).toBe(true)
  })
  test('uses the proxy of the environment', async () => {
    const asked: (string | undefined)[] = []
    server.on('request', request => asked.push(request.url))
    vi.stubEnv('HTTP_PROXY', new URL(url).origin)
    vi.stubEnv('NO_PROXY', '')
    const elsewhere = 'http://data.invalid/set.jsonl'
    await download({ ...pin(), url: elsewhere }, part()).finally(() => vi.unstubAllEnvs())
    expect(asked).toEqual([elsewhere])
    expect(readFileSync(part()).equals(body)).toBe(true)
  })
  test('of another file is refused, and nothing is kept', async () => {
    sent = Buffer.from(body.toString().replace('length', 'Length'))
    await expect(download(pin(), part())).rejects.toThrow('differs from the pinned')
    expect(existsSync(part())).toBe(false)
  })
  test('of more bytes than pinned is not read to its end', async () => {
    sent = Buffer.concat([body, body])
    await expect(download(pin(), part())).rejects.toThrow('Cannot download')
    expect(existsSync(part())).toBe(false)
  })
})

const azr = async (...args: string[]) => {
  const { code, out, err } = await start(['data', ...args], { home }).ended
  return { code, out, err }
}

test('a mirror with another file is refused, and the folder stays without the set', async () => {
  const { code, err } = await azr('fetch', 'math500', '--mirror', url)
  expect(err).toMatch(/Cannot (use|download) http/)
  expect(code).toBe(1)
  expect(existsSync(join(home, 'data', 'math500', 'math500.jsonl'))).toBe(false)
})

test('sets are taken from a folder, and listed with their licences', async () => {
  const from = join(root, 'test', 'fixtures', 'benchmarks', 'data')
  const taken = await azr('fetch', 'cruxeval_i', 'livecodebench', '--from', from)
  expect(taken.err).toContain('cruxeval_i: 2 items')
  expect(taken.err).toContain('livecodebench: 2 items')
  expect(taken.code).toBe(0)
  const { out } = await azr('list', '--json')
  const sets = new Map<string, { pins: object[] }>(
    JSON.parse(out).sets.map((set: { name: string }) => [set.name, set]),
  )
  expect(sets.get('cruxeval_o')).toMatchObject({ here: 2, licence: 'MIT' })
  expect(sets.get('math500')).toMatchObject({ here: null, pins: [{ size: 446564 }] })
  expect(sets.get('livecodebench')?.pins).toHaveLength(5)
})

test.each([
  [['fetch', 'gsm8k'], 'Cannot fetch gsm8k'],
  [['fetch'], 'Cannot fetch without a name'],
  [['drop'], 'azr data does not know drop'],
  [['fetch', 'micro-easy'], 'comes with azr'],
  [['fetch', 'mbppplus', '--from', 'nowhere'], 'MbppPlus.jsonl.gz as it is published'],
])('%j is refused with what to do', async (args, words) => {
  const { code, err } = await azr(...args)
  expect(err).toContain(words)
  expect(code).toBe(2)
})

test('a folder with an unreadable file is refused', async () => {
  const from = join(home, 'bad', 'cruxeval')
  mkdirSync(from, { recursive: true })
  writeFileSync(join(from, 'cruxeval.jsonl'), 'not JSON\n')
  const { code, err } = await azr('fetch', 'cruxeval_o', '--from', join(home, 'bad'))
  expect(err).toContain('Cannot read line 1 of cruxeval_o')
  expect(code).toBe(2)
  expect(existsSync(join(home, 'data', 'cruxeval'))).toBe(false)
})

test('a published file in a folder is compared with the pinned one', async () => {
  const from = join(home, 'published')
  mkdirSync(from)
  writeFileSync(join(from, 'HumanEvalPlus.jsonl.gz'), gzipSync('{}'))
  const { code, err } = await azr('fetch', 'humanevalplus', '--from', from)
  expect(err).toMatch(/Cannot use .*HumanEvalPlus.jsonl.gz as it differs from the pinned .*/)
  expect(code).toBe(1)
  expect(existsSync(join(home, 'data', 'humanevalplus'))).toBe(false)
})

test('a set of several files continues with the next one', async () => {
  const files = [1, 2].map(part => {
    const row = { question_id: `own_${part}`, question_content: '', contest_date: '2025-01-01' }
    return Buffer.from(`${JSON.stringify({ ...row, public_test_cases: '[]' })}\n`)
  })
  const pins = files.map((file, i) => ({
    url: url.replace('set.jsonl', `test${i + 1}.jsonl`),
    size: file.length,
    sha256: createHash('sha256').update(file).digest('hex'),
  }))
  const contests = findSuite('livecodebench')
  const benchmark = { ...contests, source: { ...contests.source, pins } }
  const data = join(home, 'data')
  sent = files[0] as Buffer
  await expect(fetchBenchmark(benchmark, { data })).rejects.toThrow('differs from the pinned http')
  sent = files[1] as Buffer
  const seen: string[] = []
  const onBytes = (file: string) => void seen.push(file)
  expect(await fetchBenchmark(benchmark, { data, onBytes })).toBe(2)
  expect(new Set(seen)).toEqual(new Set(['test2.jsonl']))
})

const converted = (name: string, path: string) => findSuite(name).source.convert?.(path) ?? ''

test('inputs that JSON cannot hold become literals, numbers keep their form', () => {
  const row = (id: string, base: unknown, plus: unknown) => ({
    task_id: id,
    prompt: 'p',
    entry_point: 'f',
    canonical_solution: 'c',
    test: 'not kept',
    base_input: base,
    plus_input: plus,
    atol: 0,
    contract: '',
  })
  const path = join(home, 'MbppPlus.jsonl.gz')
  const lines = [
    row('Mbpp/2', [[[1, 2], [3]]], [[[], ['a']]]),
    row('Mbpp/3', [[4]], {}),
    row('Mbpp/252', [['1+2j']], []),
    row('HumanEval/2', [[[1, 2]]], []),
  ].map(one => JSON.stringify(one).replace('[[4]]', '[[12345678901234567890, 1.0]]'))
  writeFileSync(path, gzipSync(lines.join('\n')))
  const [two, three, complex, other] = converted('mbppplus', path).trim().split('\n')
  expect(JSON.parse(two ?? '')).toMatchObject({
    id: 'Mbpp/2',
    base_input: [[[1, 2], [3]]],
    base_input_py: '[[(1, 2), (3,)]]',
    plus_input_py: "[[(), ('a',)]]",
  })
  expect(two).not.toContain('not kept')
  expect(three).toContain('[[12345678901234567890, 1.0]]')
  expect(three).not.toContain('_py')
  expect(complex).toContain('"base_input_py": "[[(1+2j)]]"')
  expect(other).not.toContain('_py')
})

test('rows are converted to the normalised form', () => {
  const convert = (name: string, text: string) => {
    const path = join(home, 'test.jsonl')
    writeFileSync(path, text)
    return converted(name, path)
  }
  const row = {
    id: 7,
    question: 'Is it? ',
    final_answer: ['$\\dfrac{1}{2}$'],
    solution: ['a', 'b'],
  }
  expect(JSON.parse(convert('olympiadbench', JSON.stringify(row)))).toEqual({
    id: 'olympiadbench/0',
    idx: 0,
    problem: 'Is it?',
    gt: '\\frac{1}{2}',
    answer: '$\\dfrac{1}{2}$',
    solution: 'a\nb',
  })
  const math = { problem: 'p', solution: 'so $\\boxed{\\text{Yes}}$', answer: '\\text{Yes}' }
  expect(JSON.parse(convert('math500', JSON.stringify(math)))).toMatchObject({
    gt: 'Yes',
    problem: 'p (Yes or No)',
  })
})
