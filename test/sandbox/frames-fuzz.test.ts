/**
 * A hostile child that writes arbitrary bytes to its report pipe, and arbitrary bytes instead of a
 * server's frames. Each case has to end in an outcome, leave other results right, and not hang.
 */
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { createDecoder, encodeFrame } from '../../lib/frames.ts'
import { holdSandbox } from './hold.ts'

vi.setConfig({ testTimeout: 600_000, hookTimeout: 60_000 })

const numRuns = Number(process.env.AZR_EXAMPLES ?? 60)
const { sandbox, runAll, expectHealthy } = holdSandbox()
const quick = { timeoutMs: 300, memoryMb: 256 }

/** A report in the format of azr_sandbox/child.py, with any of its fields wrong. */
const report = fc
  .record({
    number: fc.oneof(fc.constantFrom(0, 1, 2, 3), fc.nat(0xffff)),
    outcome: fc.oneof(fc.nat(4), fc.nat(0xffff)),
    micros: fc.oneof(fc.nat(1000), fc.nat(0xffffffff)),
    text: fc.oneof(
      fc.constantFrom('', '7', '[1, 2]', "'a'", 'nan', '{1: 1, 1: 2}', '1_0', '\0', '((((', 'x'),
      fc.string({ maxLength: 30 }),
      fc.nat(20_000).map(size => 'x'.repeat(size)),
    ),
    lie: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: -20, max: 1 << 20 })),
  })
  .map(({ number, outcome, micros, text, lie }) => {
    const body = Buffer.from(text)
    const head = Buffer.alloc(12)
    head.writeUInt32LE((body.length + 8 + lie) >>> 0, 0)
    head.writeUInt16LE(number, 4)
    head.writeUInt16LE(outcome, 6)
    head.writeUInt32LE(micros, 8)
    return Buffer.concat([head, body])
  })

const bytes = fc.uint8Array({ maxLength: 64 }).map(list => Buffer.from(list))
const pieces = fc
  .array(fc.oneof({ weight: 3, arbitrary: report }, bytes), { minLength: 1, maxLength: 6 })
  .chain(list =>
    fc.nat(200).map(cut => {
      const all = Buffer.concat(list)
      // Sometimes the last report is cut short.
      return cut < 100 ? all : all.subarray(0, Math.max(0, all.length - (cut - 100)))
    }),
  )
const endings = ['return x', 'while True: pass', 'os._exit(0)', 'os.close(fd)', 'raise ValueError']

function forger(data: Buffer, ending: string, when: number): string {
  return [
    'import os',
    `data = bytes.fromhex('${data.toString('hex').slice(0, 60_000)}')`,
    'def f(x):',
    `    if x == ${when}:`,
    '        for fd in range(3, 32):',
    '            try:',
    '                os.write(fd, data)',
    '            except OSError:',
    '                pass',
    `        ${ending}`,
    '    return x',
  ].join('\n')
}

test('a child that forges reports gets an outcome, and neighbours get their answers', async () => {
  const pids = sandbox().pids()
  await fc.assert(
    fc.asyncProperty(pieces, fc.constantFrom(...endings), fc.nat(2), async (data, ending, when) => {
      const neighbour = 'def f(x):\n    return [x, x * 2]'
      const [found, beside] = await Promise.all([
        runAll(forger(data, ending, when), ['0', '1', '2'], quick),
        runAll(neighbour, ['3', '4'], quick),
      ])
      expect(beside.map(({ output }) => output)).toEqual(['[3, 6]', '[4, 8]'])
      expect(found).toHaveLength(3)
      for (const [i, { outcome, canonical, output }] of found.entries()) {
        expect(outcome).not.toBe('ungraded')
        // A child that forges nothing is believed, and its value is right.
        if (i !== when) expect({ outcome, output }).toEqual({ outcome: 'returned', output: `${i}` })
        expect(outcome === 'returned').toBe(canonical !== null)
      }
    }),
    { numRuns },
  )
  expect(sandbox().pids()).toEqual(pids)
  await expectHealthy()
})

test('many inputs of one program: each report counts for its own input', async () => {
  const data = fc.array(report, { minLength: 1, maxLength: 5 }).map(list => Buffer.concat(list))
  await fc.assert(
    fc.asyncProperty(data, async forged => {
      const inputs = ['0', '1', '2', '3', '4', '5']
      const found = await runAll(forger(forged, 'return x', 2), inputs, quick)
      expect(found.map(({ outcome }) => outcome)).not.toContain('ungraded')
      const others = found.filter((_, i) => i !== 2).map(({ output }) => output)
      expect(others).toEqual(['0', '1', '3', '4', '5'])
    }),
    { numRuns: Math.ceil(numRuns / 2) },
  )
})

test('frames in any pieces give the same frames', () => {
  const frames = fc.array(fc.tuple(fc.dictionary(fc.string(), fc.integer()), bytes), {
    maxLength: 4,
  })
  fc.assert(
    fc.property(frames, fc.array(fc.integer({ min: 1, max: 40 })), (list, sizes) => {
      const all = Buffer.concat(
        list.map(([header, body]) => Buffer.concat([encodeFrame(header, [body])])),
      )
      const found: [unknown, string][] = []
      const feed = createDecoder(({ header, body }) => {
        found.push([header, body.toString('hex')])
      })
      for (let at = 0, i = 0; at < all.length; i++) {
        const size = sizes[i] ?? all.length
        feed(all.subarray(at, at + size))
        at += size
      }
      const expected = list.map(([header, body]) => [
        JSON.parse(JSON.stringify(header)),
        body.toString('hex'),
      ])
      expect(found).toEqual(expected)
    }),
    { numRuns: 20 * numRuns },
  )
})

test('bytes that are not frames are refused with an error, or waited for, and never accepted', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 5 }), chunks => {
      const feed = createDecoder(({ header }) => {
        expect(header).toBeDefined()
      })
      try {
        for (const chunk of chunks) feed(Buffer.from(chunk))
      } catch (error) {
        expect(error).toBeInstanceOf(Error)
      }
    }),
    { numRuns: 20 * numRuns },
  )
})
