/** A unit of a server's work: one compiled program on one input, and its result. */
import type { Limits, Outcome } from '../domain/execution.ts'

export type Mode = 'call' | 'script'

/** The servers' outcomes, by number: azr_sandbox/child.py and server.py. */
const codes = [
  'returned',
  'raised',
  'memoryExceeded',
  'outputTooLong',
  'rejected',
  'timedOut',
  'crashed',
] as const

export type Report = {
  outcome: Outcome
  /** Display text of a value, output of a script, or the text of a failure. */
  text: string
  cpuMs: number
  /** Wall time that counts, without time in which the machine was suspended. */
  wallMs: number
  peakMemoryBytes: number
}

export type Unit = {
  mode: Mode
  entry: string
  limits: Limits
  /** Compiled code, and the marshalled arguments or the standard input. */
  code: Buffer
  payload: Buffer
  /** Whether the unit may share a child with others. */
  mayShare: boolean
  /** The longest wall time, in multiples of the CPU limit. */
  wallFactor?: number
  tries: number
  addedAt: number
  settle: (report: Report) => void
  /** Whether the result of the unit is no longer wanted. */
  isDropped: () => boolean
}

const outcomeOf = (code: number): Outcome => codes[code] ?? 'crashed'

export const ungraded = (text: string): Report => {
  return { outcome: 'ungraded', text, cpuMs: 0, wallMs: 0, peakMemoryBytes: 0 }
}

const modes = { alone: 0, shared: 1, script: 2 }
const headSize = 24
const usualWallFactor = 12

/** The body of a job, in the layout of azr_sandbox/jobs.py. Each code is sent once. */
export function jobBodies(units: readonly Unit[], isShared: boolean): Buffer[] {
  const [{ mode, entry, limits, wallFactor = usualWallFactor }] = units as [Unit]
  const places = new Map<Buffer, number>()
  for (const { code } of units) if (!places.has(code)) places.set(code, places.size)
  const name = Buffer.from(entry)
  const head = Buffer.alloc(headSize + 4 * places.size + 8 * units.length)
  head.writeUInt16LE(modes[mode === 'script' ? 'script' : isShared ? 'shared' : 'alone'], 0)
  head.writeUInt16LE(units.length, 2)
  head.writeUInt32LE(limits.timeoutMs, 4)
  head.writeUInt32LE(limits.memoryMb, 8)
  head.writeUInt32LE(limits.maxOutputBytes, 12)
  head.writeUInt16LE(places.size, 16)
  head.writeUInt16LE(name.length, 18)
  head.writeUInt16LE(Math.round(100 * wallFactor), 20)
  let at = headSize
  for (const code of places.keys()) at = head.writeUInt32LE(code.length, at)
  for (const { code, payload } of units) {
    at = head.writeUInt32LE(places.get(code) as number, at)
    at = head.writeUInt32LE(payload.length, at)
  }
  return [head, name, ...places.keys(), ...units.map(({ payload }) => payload)]
}

export type Reply = {
  isDone: boolean
  /** The unit that has to run alone; null if there is none. */
  failed: number | null
  peakMemoryBytes: number
  wallMs: number
  reports: { number: number; outcome: Outcome; cpuMs: number; text: string }[]
}

/** Reads a server's reply. The server checked its bytes; its contents are not trusted. */
export function readReply(body: Buffer): Reply {
  const flags = body.readUInt16LE(0)
  const reports: Reply['reports'] = []
  for (let at = 12; at + 12 <= body.length; ) {
    const end = at + 4 + body.readUInt32LE(at)
    reports.push({
      number: body.readUInt16LE(at + 4),
      outcome: outcomeOf(body.readUInt16LE(at + 6)),
      cpuMs: body.readUInt32LE(at + 8) / 1000,
      text: body.toString('utf8', at + 12, end),
    })
    at = end
  }
  return {
    isDone: (flags & 1) !== 0,
    failed: (flags & 2) !== 0 ? body.readUInt16LE(2) : null,
    peakMemoryBytes: body.readUInt32LE(4) * 1024,
    wallMs: body.readUInt32LE(8),
    reports,
  }
}

/** Units with equal keys may be sent in one frame. */
export const keyOf = ({ entry, limits: { timeoutMs, memoryMb, maxOutputBytes } }: Unit) =>
  `${timeoutMs} ${memoryMb} ${maxOutputBytes} ${entry}`
