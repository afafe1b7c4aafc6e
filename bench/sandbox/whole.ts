/** Measurements of a whole sandbox: wall time on two cores, start time, memory. */
import { startSandbox } from '../../sandbox/index.ts'
import { startProcess } from '../../sandbox/process.ts'
import { cpuMsOf, memoryOf, pin } from './cpu.ts'
import { crowd, limits, median, need, programs, validateAll } from './rows.ts'

/** Validated programs per second of wall time. */
export async function throughput(python: string, cores: string, workers: number): Promise<number> {
  pin(cores)
  const sandbox = await startSandbox({ python, workers })
  await validateAll(sandbox)
  const begun = performance.now()
  for (let i = 0; i < 2; i++) await validateAll(sandbox)
  const seconds = (performance.now() - begun) / 1000
  await sandbox.stop()
  return (2 * crowd.length) / seconds
}

/** Seconds of wall time for a hundred programs, of which two never end. */
export async function withRunaways(python: string): Promise<number> {
  pin('0,1')
  const sandbox = await startSandbox({ python, workers: 2 })
  const jobs = programs.slice(0, 100).map(({ program, inputs }, i) => ({
    program: i === 30 || i === 70 ? `def f(*a):\n    while True:\n        pass\n# ${i}` : program,
    inputs: inputs.slice(0, 1),
    limits,
  }))
  const begun = performance.now()
  const found = await Promise.all(jobs.map(job => sandbox.execute(job)))
  const seconds = (performance.now() - begun) / 1000
  const slow = found.filter(([one]) => one?.outcome === 'timedOut')
  need(slow.length === 2, `${slow.length} programs timed out instead of 2`)
  await sandbox.stop()
  return seconds
}

/** CPU time until a server reports itself, in ms. */
export async function serverStartMs(python: string): Promise<number> {
  const starts: number[] = []
  for (let i = 0; i < 5; i++) {
    const server = await startProcess({ python }, { name: 'server', hashSeed: 1 })
    starts.push(cpuMsOf([server.pid]))
    server.kill()
    await server.ended
  }
  return median(starts)
}

/**
 * The memory of one server among the four of a sandbox and its front, after work, in MB: its own
 * pages, and a fifth of those that all five map. PSS would be smaller with other Pythons on the
 * machine, and a server alone has all of those pages. Neither says what another server costs.
 */
export async function serverMemory(python: string) {
  const sandbox = await startSandbox({ python, workers: 2 })
  await validateAll(sandbox)
  const [front, ...servers] = sandbox.pids()
  need(front !== undefined && servers.length === 4, 'the sandbox has other processes')
  const found = servers.map(memoryOf)
  await sandbox.stop()
  const privateMb = median(found.map(one => one.privateMb))
  const sharedMb = median(found.map(one => one.sharedMb))
  return { privateMb, sharedMb, pssMb: privateMb + sharedMb / (servers.length + 1) }
}
