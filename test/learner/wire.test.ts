import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createDecoder, type Frame, maxFrame } from '../../lib/frames.ts'
import { type Arrays, arraysOf, encodeMessage } from '../../src/learner/wire.ts'

const path = join(import.meta.dirname, '..', 'fixtures', 'wire', 'frames.json')
type Case = {
  name: string
  message: object
  arrays: Record<string, { type: 'int32' | 'float32'; values: number[] }>
  frame: string
}
const cases = JSON.parse(readFileSync(path, 'utf8')) as Case[]

const arraysFrom = (listed: Case['arrays']): Arrays =>
  Object.fromEntries(
    Object.entries(listed).map(([name, { type, values }]) => {
      return [name, type === 'int32' ? Int32Array.from(values) : Float32Array.from(values)]
    }),
  )

function read(bytes: Uint8Array, size: number) {
  const found: object[] = []
  const feed = createDecoder((frame: Frame) => {
    found.push({ ...frame.header, arrays: arraysOf(frame) })
  })
  for (let at = 0; at < bytes.length; at += size) feed(Buffer.from(bytes.subarray(at, at + size)))
  return found
}

test.each(cases)(
  'reads and writes $name, at once or byte by byte',
  ({ message, arrays, frame }) => {
    const bytes = Buffer.from(frame, 'hex')
    const expected = [{ ...message, arrays: arraysFrom(arrays) }]
    expect(read(bytes, bytes.length)).toEqual(expected)
    expect(read(bytes, 1)).toEqual(expected)
    expect(encodeMessage(message, arraysFrom(arrays)).toString('hex')).toBe(frame)
  },
)

test('impossible lengths are refused', () => {
  const head = Buffer.alloc(8)
  head.writeUInt32LE(maxFrame + 1)
  expect(() => read(head, 4)).toThrow(/lengths are wrong/)
})

test('arrays that do not match their bytes are refused', () => {
  const frame = encodeMessage({ id: 1 }, { ids: Int32Array.of(1, 2, 3) })
  const text = frame.toString('latin1')
  for (const other of ['"int32",2', '"int32",4', '"int64",3']) {
    const wrong = Buffer.from(text.replace('"int32",3', other), 'latin1')
    expect(() => read(wrong, wrong.length)).toThrow()
  }
})

test('arrays of any length are read back unchanged', () => {
  const array = fc.oneof(fc.int32Array({ maxLength: 9 }), fc.float32Array({ maxLength: 9 }))
  fc.assert(
    fc.property(fc.string(), fc.dictionary(fc.string(), array), (verb, arrays) => {
      expect(read(encodeMessage({ verb }, arrays), 5)).toEqual([{ verb, arrays }])
    }),
  )
})
