/**
 * Reads the single string in a pickle, in which LiveCodeBench stores its hidden tests. It never
 * builds or calls anything: any other instruction is an error.
 */

const takesNothing = new Set([0x94]) // MEMOIZE
const skips = new Map([
  [0x80, 1], // PROTO
  [0x95, 8], // FRAME
  [0x71, 1], // BINPUT
  [0x72, 4], // LONG_BINPUT
])
/** Instructions for strings, with the size of their lengths. */
const strings = new Map([
  [0x8c, 1],
  [0x58, 4],
  [0x8d, 8],
])
const stop = 0x2e

export function stringInPickle(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let found: string | null = null
  for (let at = 0; at < bytes.length; ) {
    const code = bytes[at++] as number
    if (code === stop && found !== null) return found
    const size = strings.get(code)
    if (size !== undefined && found === null) {
      const length =
        size === 1
          ? view.getUint8(at)
          : size === 4
            ? view.getUint32(at, true)
            : Number(view.getBigUint64(at, true))
      found = new TextDecoder('utf-8', { fatal: true }).decode(
        bytes.subarray(at + size, at + size + length),
      )
      at += size + length
    } else if (skips.has(code)) at += skips.get(code) as number
    else if (!takesNothing.has(code)) break
  }
  throw new Error('Cannot read a pickle that is anything but one string')
}
