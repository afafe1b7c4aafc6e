/**
 * Lines of a stream, one after another, each of a bounded length: of a longer one only that it was
 * there is told. Reads no faster than it is asked.
 */
import { StringDecoder } from 'node:string_decoder'

export type Line = { number: number; text: string } | { number: number; text: null }

export async function* readBoundedLines(
  stream: AsyncIterable<Buffer | string>,
  maxLength: number,
): AsyncGenerator<Line> {
  const decoder = new StringDecoder('utf8')
  let number = 0
  let held = ''
  let isLong = false
  const next = (text: string): Line => {
    const isTooLong = isLong || text.length > maxLength
    isLong = false
    number += 1
    return { number, text: isTooLong ? null : text }
  }
  for await (const chunk of stream) {
    const parts = (held + (typeof chunk === 'string' ? chunk : decoder.write(chunk))).split('\n')
    held = parts.pop() ?? ''
    for (const part of parts) yield next(part)
    if (held.length > maxLength) {
      isLong = true
      held = ''
    }
  }
  held += decoder.end()
  if (held !== '' || isLong) yield next(held)
}
