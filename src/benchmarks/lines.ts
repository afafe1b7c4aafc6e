/**
 * JSON lines of a set, plain or gzipped. Files that are larger than a string may be are read by
 * stream, and each line is found again by its place.
 */
import { createReadStream, existsSync, readFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'

/** Lines of a small file, `PATH.jsonl` or `PATH.jsonl.gz`; null where there is neither. */
export function smallFile(path: string): string[] | null {
  const plain = `${path}.jsonl`
  const text = existsSync(plain)
    ? readFileSync(plain, 'utf8')
    : existsSync(`${plain}.gz`)
      ? gunzipSync(readFileSync(`${plain}.gz`)).toString('utf8')
      : null
  return text === null ? null : text.split('\n').filter(line => line.trim() !== '')
}

export type PlacedLine = { text: string; at: number; size: number }

const newline = 10

/** Lines with where they stand, one after another. */
export async function* placedLines(path: string): AsyncGenerator<PlacedLine> {
  let parts: Buffer[] = []
  let at = 0
  const whole = (end: Buffer): PlacedLine => {
    const bytes = Buffer.concat([...parts, end])
    parts = []
    const line = { text: bytes.toString('utf8'), at, size: bytes.length }
    at += bytes.length + 1
    return line
  }
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    let from = 0
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, from)) {
      yield whole(chunk.subarray(from, end))
      from = end + 1
    }
    parts.push(chunk.subarray(from))
  }
  if (parts.some(part => part.length > 0)) yield whole(Buffer.alloc(0))
}

export async function lineAt(path: string, at: number, size: number): Promise<string> {
  const file = await open(path)
  try {
    const { buffer } = await file.read(Buffer.alloc(size), 0, size, at)
    return buffer.toString('utf8')
  } finally {
    await file.close()
  }
}
