/** Lowers the priority of a child below ours: messages and the page must not wait for its work. */
import { readFileSync, writeFileSync } from 'node:fs'
import { getPriority, setPriority } from 'node:os'

const nicer = 5
const nicest = 19
/** Linux takes one change in 100 ms from all users together, except root. */
const againMs = 150
const attempts = 20

/** The niceness of our own session; 0 if this system does not share its cores by sessions. */
function sessionNiceness(): number {
  try {
    return Number(/nice (-?\d+)/.exec(readFileSync('/proc/self/autogroup', 'utf8'))?.[1] ?? 0)
  } catch {
    return 0
  }
}

/**
 * With autogroup, the default of Linux desktops and of many servers, cores are shared between
 * sessions, and niceness counts only within one. A detached child has a session of its own.
 */
function lowerSession(pid: number, niceness: number, left = attempts): void {
  try {
    writeFileSync(`/proc/${pid}/autogroup`, String(niceness))
  } catch (error) {
    // Otherwise the child has ended, or the system has no autogroup.
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN' || left === 0) return
    setTimeout(lowerSession, againMs, pid, niceness, left - 1).unref()
  }
}

/** Call it before the child starts threads, which inherit its priority. */
export function stepBack(pid: number): void {
  try {
    setPriority(pid, Math.min(nicest, getPriority() + nicer))
  } catch {
    // It has ended already, or we may not change it.
  }
  lowerSession(pid, Math.min(nicest, sessionNiceness() + nicer))
}
