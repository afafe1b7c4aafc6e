/**
 * Reads lines of a text or a stream, with their numbers. A line over the limit has only a number,
 * no text. A stream is read only as fast as it is consumed.
 */

import { open } from 'node:fs/promises'

/** `at` and `size` give its bytes in the stream. `text` is null if the line is too long. */
export type Line = { number: number; at: number; size: number; text: string | null }

const newline = 10
/** Bytes of one UTF-16 unit in UTF-8, at most. */
const mostBytes = 3

export async function* readLines(
  stream: AsyncIterable<Buffer>,
  maxLength = Number.POSITIVE_INFINITY,
): AsyncGenerator<Line> {
  let parts: Buffer[] = []
  let [number, at, size] = [0, 0, 0]
  const take = (part: Buffer) => {
    size += part.length
    if (size > mostBytes * maxLength) parts = []
    else parts.push(part)
  }
  const finish = (): Line => {
    const text = size > mostBytes * maxLength ? null : Buffer.concat(parts).toString('utf8')
    number += 1
    const line = { number, at, size, text: text && text.length > maxLength ? null : text }
    at += size + 1
    size = 0
    parts = []
    return line
  }
  for await (const chunk of stream) {
    let from = 0
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, from)) {
      take(chunk.subarray(from, end))
      yield finish()
      from = end + 1
    }
    take(chunk.subarray(from))
  }
  if (size > 0) yield finish()
}

/** Reads one line of a file, given its offset and size. */
export async function textAt(path: string, { at, size }: Pick<Line, 'at' | 'size'>) {
  const file = await open(path)
  try {
    const { buffer } = await file.read(Buffer.alloc(size), 0, size, at)
    return buffer.toString('utf8')
  } finally {
    await file.close()
  }
}

/** The lines of a text that are not blank. */
export const filledLines = (text: string): { number: number; text: string }[] =>
  text
    .split('\n')
    .map((line, i) => ({ number: i + 1, text: line }))
    .filter(line => line.text.trim() !== '')
