import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  createDecoder,
  encodeFrame,
  maxFrame,
  packArray,
  unpackArray,
} from '../../src/learner/wire.ts'

const path = join(import.meta.dirname, '..', 'fixtures', 'wire', 'frames.json')
type Case = { name: string; message: unknown; frame: string }
const cases = JSON.parse(readFileSync(path, 'utf8')) as Case[]

/** A message as JSON has it, with {"array", "values"} in place of packed arrays. */
function pack(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const { array, values } = value as { array?: string; values?: number[] }
  if (array === 'int32') return packArray(Int32Array.from(values ?? []))
  if (array === 'float32') return packArray(Float32Array.from(values ?? []))
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, pack(inner)]))
}

/** Arrays as plain numbers, whatever bytes they came in. */
function plain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if ('dtype' in value) return [...unpackArray(value as never)]
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]))
}

function read(bytes: Uint8Array, size: number): unknown[] {
  const found: unknown[] = []
  const feed = createDecoder(message => found.push(message))
  for (let at = 0; at < bytes.length; at += size) feed(Buffer.from(bytes.subarray(at, at + size)))
  return found
}

test.each(cases)('reads and writes $name, whole or byte by byte', ({ message, frame }) => {
  const bytes = Buffer.from(frame, 'hex')
  const expected = [plain(pack(message))]
  expect(read(bytes, bytes.length).map(plain)).toEqual(expected)
  expect(read(bytes, 1).map(plain)).toEqual(expected)
  expect(read(encodeFrame(pack(message)), 7).map(plain)).toEqual(expected)
})

test('a length beyond the bound is refused', () => {
  const head = Buffer.alloc(4)
  head.writeUInt32BE(maxFrame + 1)
  expect(() => read(head, 4)).toThrow(/bound/)
})
