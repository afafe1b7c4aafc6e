/**
 * Downloads one file. It continues an earlier attempt, and refuses and deletes a file with the
 * wrong size or SHA-256.
 */
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream, existsSync, rmSync, statSync } from 'node:fs'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Dispatcher, EnvHttpProxyAgent, request } from 'undici'
import { AzrError } from '../../../domain/errors.ts'
import type { Pin } from '../own.ts'

export class DownloadFailed extends AzrError {}
/** The file is larger than the pinned one, so no part of it is useful. */
class TooLong extends DownloadFailed {}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk)
  return hash.digest('hex')
}

const sizeOf = (path: string) => (existsSync(path) ? statSync(path).size : 0)

export type DownloadOptions = {
  signal?: AbortSignal
  /** Called with the number of bytes on disk. */
  onBytes?: (here: number) => void
}

const mostRedirects = 5
const silentMs = 60_000

type Asked = Parameters<typeof request>[1]

/** Not `fetch`: if a server hangs up while we write earlier bytes, it would end the process. */
async function follow(
  url: string,
  asked: Asked,
  left = mostRedirects,
): Promise<Dispatcher.ResponseData<unknown>> {
  const response = await request(url, asked)
  const { location } = response.headers
  const isMoved = [301, 302, 303, 307, 308].includes(response.statusCode)
  if (!isMoved || typeof location !== 'string') return response
  await response.body.dump()
  if (left === 0)
    throw new DownloadFailed('download-failed', `it redirects more than ${mostRedirects} times`)
  return follow(new URL(location, url).href, asked, left - 1)
}

/** Stops reading a server that sends more than it should. */
function atMost(size: number, had: number, { onBytes }: DownloadOptions): Transform {
  let seen = had
  return new Transform({
    transform(chunk: Buffer, _, done) {
      seen += chunk.length
      onBytes?.(seen)
      done(
        seen > size ? new TooLong('download-failed', `it sends more than ${size} bytes`) : null,
        chunk,
      )
    },
  })
}

async function receive({ url, size }: Pin, part: string, options: DownloadOptions): Promise<void> {
  const had = sizeOf(part)
  if (had >= size) return
  // Uses the proxy in HTTPS_PROXY, as npm and pip do.
  const dispatcher = new EnvHttpProxyAgent({ headersTimeout: silentMs, bodyTimeout: silentMs })
  try {
    const { statusCode, body } = await follow(url, {
      dispatcher,
      headers: { 'user-agent': 'azr', ...(had > 0 && { range: `bytes=${had}-` }) },
      ...(options.signal && { signal: options.signal }),
    })
    const isRest = statusCode === 206
    if (!isRest && statusCode !== 200)
      throw new DownloadFailed('download-failed', `it answered ${statusCode}`)
    const file = createWriteStream(part, { flags: isRest ? 'a' : 'w' })
    await pipeline(body, atMost(size, isRest ? had : 0, options), file)
  } finally {
    await dispatcher.destroy()
  }
}

/** Throws unless the file is the pinned one. */
export async function checkFile({ url, size, sha256 }: Pin, path: string): Promise<void> {
  const found = await sha256Of(path)
  if (sizeOf(path) === size && found === sha256) return
  throw new DownloadFailed(
    'download-changed',
    `Cannot use ${path} as it differs from the pinned ${url} (SHA-256 ${found}, expected ${sha256})`,
  )
}

/** Leaves the complete file at `part`. An incomplete part stays for the next attempt. */
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
    const again = sizeOf(part) > 0 ? '; the next attempt continues from there' : ''
    throw new DownloadFailed('download-failed', `Cannot download ${url}${again}`, { cause: error })
  }
  if (sizeOf(part) < size) {
    throw new DownloadFailed(
      'download-failed',
      `Cannot download ${url}: it ended after ${sizeOf(part)} of ${size} bytes; run this again to continue`,
    )
  }
  try {
    await checkFile(pin, part)
  } catch (error) {
    rmSync(part, { force: true })
    throw error
  }
}
