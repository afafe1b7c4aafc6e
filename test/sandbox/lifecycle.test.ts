/** Processes that are stopped or killed during their work, one or all. Nothing is left behind. */
import { readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { startSandbox } from '../../sandbox/index.ts'
import { python } from '../../src/config/paths.ts'
import { holdSandbox, limits } from './hold.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

const { sandbox, run, runAll, expectHealthy } = holdSandbox()

const job = (i: number) => ({ program: `def f(x):\n  return x + ${i}`, inputs: ['1'], limits })

test('if all processes are killed at work they are replaced, and no answer is lost or wrong', async () => {
  const working = Promise.all(Array.from({ length: 40 }, (_, i) => sandbox().execute(job(i))))
  for (const pid of sandbox().pids()) process.kill(pid, 'SIGKILL')
  const found = (await working).map(([one]) => one)
  expect(found.map(one => one?.output)).toEqual(found.map((_, i) => String(i + 1)))
  expect(sandbox().metrics().restarts).toBeGreaterThanOrEqual(3)
})

test('several fronts share the reading, and killing one loses nothing', async () => {
  const other = await startSandbox({ python, workers: 3 })
  try {
    const [first, ...others] = other.pids()
    expect(others).toHaveLength(7)
    const working = Promise.all(Array.from({ length: 200 }, (_, i) => other.execute(job(i))))
    process.kill(first as number, 'SIGKILL')
    const found = (await working).map(([one]) => one?.output)
    expect(found).toEqual(found.map((_, i) => String(i + 1)))
    expect(other.metrics().restarts).toBe(1)
  } finally {
    await other.stop()
  }
})

test('servers that were suspended for longer than the wall limit continue as before', async () => {
  const [, ...servers] = sandbox().pids()
  const program = 'import time\ndef f(x):\n  time.sleep(0.3)\n  return x'
  const working = run(program, '1', { timeoutMs: 100 })
  await sleep(150)
  for (const pid of servers) process.kill(-pid, 'SIGSTOP')
  await sleep(1500)
  for (const pid of servers) process.kill(-pid, 'SIGCONT')
  expect(await working).toMatchObject({ outcome: 'returned', output: '1' })
})

test('two runs together take at most twelve times the CPU limit', async () => {
  // It uses more than half of its CPU time, so that it may wait long. The second run gets the
  // remaining time.
  const program = `import time
def f(x):
  while time.process_time() < 0.2: pass
  time.sleep(2.4)
  return x`
  const begun = performance.now()
  expect(await run(program, '1', { timeoutMs: 300 })).toMatchObject({ outcome: 'timedOut' })
  expect(performance.now() - begun).toBeLessThan(12 * 300 + 2000)
})

test('a server that stays suspended is replaced, and another does its work', async () => {
  const [, first] = sandbox().pids()
  process.kill(-(first as number), 'SIGSTOP')
  const [found] = await sandbox().execute(job(1))
  expect(found).toMatchObject({ outcome: 'returned', output: '2' })
  expect(sandbox().pids()).not.toContain(first)
  await expectHealthy()
})

test('abandoned work is not done, and delays nobody', async () => {
  const giveUp = new AbortController()
  const endless = { program: 'while True: pass', inputs: Array(20).fill('1'), limits }
  const working = sandbox().execute(endless, giveUp.signal)
  await sleep(50)
  giveUp.abort()
  await expect(working).rejects.toThrow()
  const begun = performance.now()
  await expectHealthy()
  expect(performance.now() - begun).toBeLessThan(15_000)
})

test('a stop ends everything: no process and no descriptor of ours remains', async () => {
  const descriptors = () => readdirSync('/proc/self/fd').length
  const before = descriptors()
  for (let i = 0; i < 3; i++) {
    const other = await startSandbox({ python, workers: 2 })
    const pids = other.pids()
    await other.execute(job(i))
    await other.stop()
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  }
  await sleep(100)
  expect(descriptors()).toBeLessThanOrEqual(before + 2)
})

test('a text that takes too long to compile is refused, and delays others only briefly', async () => {
  // Each `finally` is compiled twice, so the innermost one about 2 ** 18 times.
  const nest = Array.from(
    { length: 18 },
    (_, i) => `${' '.repeat(i)}try: pass\n${' '.repeat(i)}finally:\n`,
  )
  const text = `${nest.join('')}${' '.repeat(18)}pass`
  const [front] = sandbox().pids()
  const others = ['1', '(', '[2]'].map(one => sandbox().readLiteral(one))
  const found = await sandbox().inspect(text)
  expect(found).toEqual({ ok: false, error: 'SyntaxError: takes too long to read' })
  // The texts that were sent together with it are still answered.
  const literals = await Promise.all(others)
  expect(literals.map(({ ok }) => ok)).toEqual([true, false, true])
  expect(sandbox().pids()).not.toContain(front)
})

describe('processes killed from outside', () => {
  const replaced = async (before: number[]) => {
    while (sandbox().pids().length < before.length) await sleep(10)
  }

  test.each([0, 1, 2])('process %i, idle', async at => {
    const before = sandbox().pids()
    process.kill(before[at] as number, 'SIGKILL')
    await expectHealthy()
    await replaced(before)
    const now = sandbox().pids()
    expect(now).toHaveLength(3)
    expect(now).not.toContain(before[at])
  })

  test('all of them again and again, at work', async () => {
    const before = sandbox().pids()
    const program = 'def f(x):\n  return sum(i * i for i in range(20000)) + x'
    const sum = (20000 * 19999 * 39999) / 6
    let isDone = false
    let returned = 0
    const killing = (async () => {
      for (let i = 0; !isDone; i++) {
        await sleep(150)
        const pids = sandbox().pids()
        if (pids.length === 3 && !isDone) process.kill(pids[i % 3] as number, 'SIGKILL')
      }
    })()
    for (let i = 0; i < 30; i++) {
      const found = await runAll(program, [String(i), String(-i)], { timeoutMs: 5000 })
      found.forEach(({ outcome, output }, at) => {
        // Three losses in a row end in `ungraded`. A wrong value must never occur.
        expect(['returned', 'ungraded']).toContain(outcome)
        if (outcome !== 'returned') return
        returned += 1
        expect(output).toBe(String(sum + (at === 0 ? i : -i)))
      })
    }
    isDone = true
    await killing
    expect(returned).toBeGreaterThan(30)
    await replaced(before)
  })
})
