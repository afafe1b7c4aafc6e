/**
 * Processes of one role: each does one job at a time; jobs wait in line, first come, first served. A
 * process that dies is replaced, a bounded number of times in a row, and its job is done again.
 */
import { SandboxGone } from '../src/errors.ts'
import { type Role, SandboxOverdue, type SandboxProcess, startProcess } from './process.ts'

const maxStartsInARow = 5
const maxTries = 3

export type Crew = {
  /** Gives a job to the first idle process; SandboxGone when it failed three times. */
  run: <T>(job: (process: SandboxProcess) => Promise<T>, signal?: AbortSignal) => Promise<T>
  pids: () => number[]
  stop: () => Promise<void>
}

export async function startCrew(python: string, role: Role, size: number): Promise<Crew> {
  const idle: SandboxProcess[] = []
  const all = new Set<SandboxProcess>()
  const line: ((process: SandboxProcess | Error) => void)[] = []
  let isStopped = false
  let starts = 0

  const offer = (process: SandboxProcess) => {
    const next = line.shift()
    if (next) next(process)
    else idle.push(process)
  }
  const add = async (): Promise<void> => {
    starts += 1
    const process = await startProcess(python, role)
    if (isStopped) return process.kill()
    starts = 0
    all.add(process)
    void process.ended.then(() => lose(process))
    offer(process)
  }
  const lose = (process: SandboxProcess) => {
    all.delete(process)
    const at = idle.indexOf(process)
    if (at >= 0) idle.splice(at, 1)
    if (isStopped) return
    const retry = async (): Promise<void> => {
      try {
        await add()
      } catch (error) {
        if (!isStopped && starts < maxStartsInARow) return retry()
        for (const wait of line.splice(0)) wait(error as Error)
      }
    }
    void retry()
  }
  const take = () =>
    new Promise<SandboxProcess>((resolve, reject) => {
      if (isStopped) return reject(new SandboxGone('The sandbox was stopped'))
      const process = idle.pop()
      if (process) return resolve(process)
      if (all.size === 0 && starts >= maxStartsInARow) {
        return reject(new SandboxGone(`The sandbox's ${role.name} cannot be started again`))
      }
      line.push(given => (given instanceof Error ? reject(given) : resolve(given)))
    })

  await Promise.all(Array.from({ length: size }, add))
  return {
    async run(job, signal) {
      for (let tries = 1; ; tries++) {
        signal?.throwIfAborted()
        const process = await take()
        try {
          const result = await job(process)
          offer(process)
          return result
        } catch (error) {
          if (process.isAlive()) offer(process)
          const isLost = error instanceof SandboxGone && !(error instanceof SandboxOverdue)
          if (!isLost || tries >= maxTries || isStopped) throw error
        }
      }
    },
    pids: () => [...all].map(({ pid }) => pid),
    async stop() {
      isStopped = true
      for (const wait of line.splice(0)) wait(new SandboxGone('The sandbox was stopped'))
      for (const process of all) process.kill()
      await Promise.all([...all].map(({ ended }) => ended))
    },
  }
}
