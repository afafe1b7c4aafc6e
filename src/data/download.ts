/**
 * One file from its public home: what an earlier try left is gone on with, and what has not the size
 * and SHA-256 that it should have is refused and thrown away.
 */
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream, existsSync, rmSync, statSync } from 'node:fs'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { AzrError } from '../errors.ts'
import type { Pin } from './sources.ts'

export class DownloadFailed extends AzrError {}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk)
  return hash.digest('hex')
}

const sizeOf = (path: string) => (existsSync(path) ? statSync(path).size : 0)

/** A server that sends more than it should is not read to its end. */
function atMost(size: number): Transform {
  let seen = 0
  return new Transform({
    transform(chunk: Buffer, _, done) {
      seen += chunk.length
      done(seen > size ? new DownloadFailed(`it sends more than ${size} bytes`) : null, chunk)
    },
  })
}

async function receive({ url, size }: Pin, part: string, signal?: AbortSignal): Promise<void> {
  const had = sizeOf(part)
  if (had >= size) return
  const headers: Record<string, string> = had > 0 ? { range: `bytes=${had}-` } : {}
  const response = await fetch(url, { headers, signal: signal ?? null })
  if (!response.ok || !response.body) throw new DownloadFailed(`it answered ${response.status}`)
  const isRest = response.status === 206
  await pipeline(
    Readable.fromWeb(response.body as never),
    atMost(isRest ? size - had : size),
    createWriteStream(part, { flags: isRest ? 'a' : 'w' }),
  )
}

/** Leaves the file at `part`, whole and right; a part that is cut short stays for the next try. */
export async function download(pin: Pin, part: string, signal?: AbortSignal): Promise<void> {
  const { url, size, sha256 } = pin
  try {
    await receive(pin, part, signal)
  } catch (error) {
    if (error instanceof DownloadFailed) rmSync(part, { force: true })
    const again = sizeOf(part) > 0 ? '; the next try goes on from there' : ''
    throw new DownloadFailed(`Cannot download ${url}${again}`, { cause: error })
  }
  if (sizeOf(part) < size) {
    throw new DownloadFailed(
      `Cannot download ${url}: it ended after ${sizeOf(part)} of ${size} bytes; run this again to go on`,
    )
  }
  const found = await sha256Of(part)
  if (sizeOf(part) === size && found === sha256) return
  rmSync(part, { force: true })
  throw new DownloadFailed(
    `Cannot use ${url}: it is not the file that was pinned (SHA-256 ${found}, expected ${sha256}); nothing was kept`,
  )
}
