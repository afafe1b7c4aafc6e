/** `azr data` against a server of our own: whole, cut short, wrong, gone on with, taken from a folder. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { convert } from '../../src/data/convert.ts'
import { download } from '../../src/data/download.ts'
import { root } from '../../src/paths.ts'
import { temporary } from '../temporary.ts'
import { start } from './azr.ts'

vi.setConfig({ testTimeout: 60_000 })

const body = Buffer.from('a file of some length, sent in two parts\n'.repeat(100))
const sha256 = createHash('sha256').update(body).digest('hex')
let home: string
let server: Server
let url: string
/** What the server was asked for, and how it behaves. */
let ranges: (string | undefined)[]
let cutAt: number | null
let sent: Buffer

beforeEach(async () => {
  home = temporary('data')
  ranges = []
  cutAt = null
  sent = body
  server = createServer(({ headers: { range } }, response) => {
    ranges.push(range)
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

  test('is whole', async () => {
    await download(pin(), part())
    expect(readFileSync(part()).equals(body)).toBe(true)
  })
  test('goes on where it was cut short', async () => {
    cutAt = 1000
    await expect(download(pin(), part())).rejects.toThrow('goes on from there')
    expect(readFileSync(part()).length).toBe(1000)
    cutAt = null
    await download(pin(), part())
    expect(ranges).toEqual([undefined, 'bytes=1000-'])
    expect(readFileSync(part()).equals(body)).toBe(true)
  })
  test('of another file is refused, and nothing is kept', async () => {
    sent = Buffer.from(body.toString().replace('length', 'Length'))
    await expect(download(pin(), part())).rejects.toThrow('not the file that was pinned')
    expect(existsSync(part())).toBe(false)
  })
  test('of more than was pinned is not read to its end', async () => {
    sent = Buffer.concat([body, body])
    await expect(download(pin(), part())).rejects.toThrow('Cannot download')
    expect(existsSync(part())).toBe(false)
  })
})

const azr = async (...args: string[]) => {
  const { code, out, err } = await start(['data', ...args], { home }).ended
  return { code, out, err }
}

test('a mirror that has another file is refused, and the folder stays without the set', async () => {
  const { code, err } = await azr('fetch', 'math500', '--mirror', url)
  expect(err).toMatch(/Cannot (use|download) http/)
  expect(code).toBe(1)
  expect(existsSync(join(home, 'data', 'math500', 'math500.jsonl'))).toBe(false)
})

test('sets are taken from a folder, and listed with their licences', async () => {
  const from = join(root, 'test', 'fixtures', 'grading', 'data')
  const taken = await azr('fetch', 'cruxeval_i', 'livecodebench', '--from', from)
  expect(taken.err).toContain('cruxeval_i: 2 items')
  expect(taken.err).toContain('livecodebench: 2 items')
  expect(taken.code).toBe(0)
  const { out } = await azr('list', '--json')
  const sets = new Map(JSON.parse(out).sets.map((set: { name: string }) => [set.name, set]))
  expect(sets.get('cruxeval_o')).toMatchObject({ here: 2, licence: 'MIT' })
  expect(sets.get('math500')).toMatchObject({ here: null, pin: { size: 446564 } })
})

test.each([
  [['fetch', 'gsm8k'], 'Cannot fetch gsm8k'],
  [['fetch'], 'Cannot fetch nothing'],
  [['drop'], 'Cannot do drop'],
  [['fetch', 'humanevalplus'], '--from DIR'],
])('%j is refused with what to do', async (args, words) => {
  const { code, err } = await azr(...args)
  expect(err).toContain(words)
  expect(code).toBe(2)
})

test('a folder whose file cannot be read is not taken', async () => {
  const from = join(home, 'bad', 'cruxeval')
  mkdirSync(from, { recursive: true })
  writeFileSync(join(from, 'cruxeval.jsonl'), 'no JSON\n')
  const { code, err } = await azr('fetch', 'cruxeval_o', '--from', join(home, 'bad'))
  expect(err).toContain('Cannot read line 1 of cruxeval_o')
  expect(code).toBe(2)
  expect(existsSync(join(home, 'data', 'cruxeval'))).toBe(false)
})

test('rows are converted to the normalised form', () => {
  const row = {
    id: 7,
    question: 'Is it? ',
    final_answer: ['$\\dfrac{1}{2}$'],
    solution: ['a', 'b'],
  }
  expect(JSON.parse(convert('olympiadbench', JSON.stringify(row)))).toEqual({
    ...{ id: 'olympiadbench/0', idx: 0, problem: 'Is it?', gt: '\\frac{1}{2}' },
    ...{ answer: '$\\dfrac{1}{2}$', solution: 'a\nb' },
  })
  const math = { problem: 'p', solution: 'so $\\boxed{\\text{Yes}}$', answer: '\\text{Yes}' }
  expect(JSON.parse(convert('math500', JSON.stringify(math)))).toMatchObject({
    ...{ gt: 'Yes', problem: 'p (Yes or No)' },
  })
})
