/** Starts `azr` as an independent process, so that runs continue when the server ends. */

import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { UsageError, untold } from '../../domain/errors.ts'
import { lastLine } from '../../lib/formats.ts'
import { root } from '../config/paths.ts'

const pollMs = 100
const patienceMs = 60_000

/** Starts `azr WORDS…` and waits until `isBegun`. If it ends first, its last line is the error. */
export async function startDetached(
  home: string,
  words: string[],
  isBegun: (pid: number) => boolean,
): Promise<number> {
  const cache = join(home, 'cache')
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'start-'))
  const log = openSync(join(folder, 'log'), 'w')
  const runtime = process.versions.deno ? ['run', '-A'] : []
  const entry = join(root, 'src', 'cli', 'main.ts')
  const args = [...runtime, entry, ...words, '--home', home, '--no-serve']
  const child = spawn(process.execPath, args, { detached: true, stdio: ['ignore', log, log] })
  const { pid = -1 } = child
  child.unref()
  closeSync(log)
  let hasEnded = false
  child.once('error', () => (hasEnded = true))
  child.once('exit', () => (hasEnded = true))
  try {
    for (const untilMs = Date.now() + patienceMs; Date.now() < untilMs; await sleep(pollMs)) {
      if (isBegun(pid)) return pid
      if (hasEnded) {
        const said = lastLine(readFileSync(join(folder, 'log'), 'utf8'))
        if (said === '') throw new UsageError('start-failed', `Cannot start azr ${words[0]}`)
        const { code, message } = untold(said.replace(/^azr: /, ''))
        throw new UsageError(code, message)
      }
    }
    throw new UsageError(
      'start-failed',
      `Cannot tell whether azr ${words[0]} began: check \`azr runs\``,
    )
  } finally {
    // The child keeps writing to its open file, which needs no name any more.
    rmSync(folder, { recursive: true, force: true })
  }
}
