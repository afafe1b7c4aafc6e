/**
 * One file from its public home: what an earlier try left is gone on with, and what has not the size
 * and SHA-256 that it should have is refused and thrown away.
 */
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream, existsSync, rmSync, statSync } from 'node:fs'
import * as http from 'node:http'
import * as https from 'node:https'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { AzrError } from '../errors.ts'
import type { Pin } from './sources.ts'

export class DownloadFailed extends AzrError {}
/** What comes is not what was pinned: no part of it is of use. */
class TooLong extends DownloadFailed {}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk)
  return hash.digest('hex')
}

const sizeOf = (path: string) => (existsSync(path) ? statSync(path).size : 0)

export type DownloadOptions = {
  signal?: AbortSignal
  /** Told how many bytes are here. */
  onBytes?: (here: number) => void
}

const mostRedirects = 5
const silentMs = 60_000

/** Not `fetch`: a server that hangs up while we write what came before would end the process. */
async function request(
  url: string,
  headers: http.OutgoingHttpHeaders,
  signal?: AbortSignal,
  left = mostRedirects,
): Promise<http.IncomingMessage> {
  const { get } = url.startsWith('https:') ? https : http
  const response = await new Promise<http.IncomingMessage>((done, failed) => {
    const asked = get(url, { headers, timeout: silentMs, ...(signal && { signal }) }, done)
    asked.on('timeout', () => asked.destroy(new Error(`it said nothing for ${silentMs / 1000} s`)))
    asked.on('error', failed)
  })
  const { statusCode = 0, headers: answer } = response
  const isMoved = [301, 302, 303, 307, 308].includes(statusCode)
  if (!isMoved || !answer.location) return response
  response.resume()
  if (left === 0) throw new DownloadFailed(`it leads on more than ${mostRedirects} times`)
  return request(new URL(answer.location, url).href, headers, signal, left - 1)
}

/** A server that sends more than it should is not read to its end. */
function atMost(size: number, had: number, { onBytes }: DownloadOptions): Transform {
  let seen = had
  return new Transform({
    transform(chunk: Buffer, _, done) {
      seen += chunk.length
      onBytes?.(seen)
      done(seen > size ? new TooLong(`it sends more than ${size} bytes`) : null, chunk)
    },
  })
}

async function receive({ url, size }: Pin, part: string, options: DownloadOptions): Promise<void> {
  const had = sizeOf(part)
  if (had >= size) return
  const response = await request(
    url,
    { 'user-agent': 'azr', ...(had > 0 && { range: `bytes=${had}-` }) },
    options.signal,
  )
  const isRest = response.statusCode === 206
  if (!isRest && response.statusCode !== 200) {
    response.resume()
    throw new DownloadFailed(`it answered ${response.statusCode}`)
  }
  await pipeline(
    response,
    atMost(size, isRest ? had : 0, options),
    createWriteStream(part, { flags: isRest ? 'a' : 'w' }),
  )
}

/** Throws unless this is the file that was pinned. */
export async function checkFile({ url, size, sha256 }: Pin, path: string): Promise<void> {
  const found = await sha256Of(path)
  if (sizeOf(path) === size && found === sha256) return
  throw new DownloadFailed(
    `Cannot use ${path}: it is not ${url} as it was pinned (SHA-256 ${found}, expected ${sha256})`,
  )
}

/** Leaves the file at `part`, whole and right; a part that is cut short stays for the next try. */
export async function download(
  pin: Pin,
  part: string,
  options: DownloadOptions = {},
): Promise<void> {
  const { url, size } = pin
  try {
    await receive(pin, part, options)
  } catch (error) {
    if (error instanceof TooLong) rmSync(part, { force: true })
    const again = sizeOf(part) > 0 ? '; the next try goes on from there' : ''
    throw new DownloadFailed(`Cannot download ${url}${again}`, { cause: error })
  }
  if (sizeOf(part) < size) {
    throw new DownloadFailed(
      `Cannot download ${url}: it ended after ${sizeOf(part)} of ${size} bytes; run this again to go on`,
    )
  }
  try {
    await checkFile(pin, part)
  } catch (error) {
    rmSync(part, { force: true })
    throw error
  }
}
