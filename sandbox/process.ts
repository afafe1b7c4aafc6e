/**
 * One Python process of the sandbox: frames in on its standard input, frames out on its standard
 * output, which both close with us, so that it ends when we do. It answers one request at a time.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SandboxGone } from '../src/errors.ts'
import { createDecoder, encodeFrame, type Frame } from './frames.ts'

export type Role = { name: 'front'; hashSeed: 0 } | { name: 'server'; hashSeed: 1 | 2 }

/** It lives, and works on this one request for too long: asking again would be no better. */
export class SandboxOverdue extends SandboxGone {}

const home = dirname(fileURLToPath(import.meta.url))
const startMs = 20_000

export type SandboxProcess = {
  pid: number
  isAlive: () => boolean
  /** One request; a process that does not answer in time is killed. */
  ask: (header: object, body: Uint8Array | undefined, deadlineMs: number) => Promise<Frame>
  kill: () => void
  ended: Promise<void>
}

function start(python: string, role: Role): ChildProcess {
  // -I would ignore PYTHONHASHSEED; -S leaves out site-packages, -P the current folder.
  const args = ['-s', '-S', '-P', '-B', '-m', 'azr_sandbox', role.name]
  const env = { PYTHONPATH: home, PYTHONHASHSEED: String(role.hashSeed), PATH: '/usr/bin:/bin' }
  return spawn(python, args, { env, cwd: '/', detached: true, stdio: ['pipe', 'pipe', 'ignore'] })
}

/** Starts a front or a server and waits until it says hello. */
export async function startProcess(python: string, role: Role): Promise<SandboxProcess> {
  const child = start(python, role)
  let death: SandboxGone | null = null
  let open: { resolve: (frame: Frame) => void; reject: (error: Error) => void } | null = null
  const kill = () => {
    try {
      if (child.pid) process.kill(-child.pid, 'SIGKILL')
    } catch {
      child.kill('SIGKILL')
    }
  }
  const die = (why: string, Kind = SandboxGone) => {
    death ??= new Kind(`The sandbox's ${role.name} ${why}`)
    open?.reject(death)
    open = null
  }
  const ended = new Promise<void>(resolve => {
    child.once('error', error => {
      die(`could not start: ${error.message}`)
      resolve()
    })
    child.once('close', (code, signal) => {
      die(signal ? `was killed by ${signal}` : `exited with code ${code}`)
      resolve()
    })
  })
  child.stdin?.on('error', () => {})
  const feed = createDecoder(frame => {
    const waiting = open
    open = null
    waiting?.resolve(frame)
  })
  child.stdout?.on('data', (chunk: Buffer) => {
    try {
      feed(chunk)
    } catch {
      kill()
    }
  })
  const answer = (deadlineMs: number) =>
    new Promise<Frame>((resolve, reject) => {
      if (death) return reject(death)
      const timer = setTimeout(() => {
        die(`gave no answer within ${deadlineMs} ms`, SandboxOverdue)
        kill()
      }, deadlineMs)
      open = {
        resolve: frame => {
          clearTimeout(timer)
          resolve(frame)
        },
        reject: error => {
          clearTimeout(timer)
          reject(error)
        },
      }
    })
  await answer(startMs)
  return {
    pid: child.pid as number,
    isAlive: () => death === null,
    ask(header, body, deadlineMs) {
      const reply = answer(deadlineMs)
      if (death === null) child.stdin?.write(encodeFrame(header, body))
      return reply
    },
    kill,
    ended,
  }
}
