/** How `azr exec` ends, or continues: suspended together with the machine, interrupted, killed. */
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { codeOf, descendantsOf, isThere, loop, start, tell, until } from './azr-exec.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

describe('the end of azr exec', () => {
  /** A command at work, with all processes below it. */
  async function atWork() {
    const child = start(['--timeout-ms', '60000', '--workers', '1'])
    const code = codeOf(child)
    const pid = child.pid as number
    const quick = { id: 'quick', program: 'def f(x):\n  return x', input: '1' }
    child.stdin?.write(`${JSON.stringify(quick)}\n`)
    await once(child.stdout!, 'data')
    child.stdin?.write(`${JSON.stringify(loop)}\n`)
    // The processes are a front, two servers and their templates, the child that runs the program,
    // and for each server one that waits outside the namespaces, if there are any.
    await until(() => [6, 8].includes(descendantsOf(pid).length))
    return { child, code, pids: descendantsOf(pid) }
  }

  test('when all processes are suspended and continued, the work continues', async () => {
    const child = start(['--timeout-ms', '300', '--workers', '1'])
    const code = codeOf(child)
    let out = ''
    child.stdout?.setEncoding('utf8').on('data', part => {
      out += part
    })
    const program = 'import time\ndef f(x):\n  time.sleep(0.3)\n  return x'
    const lines = Array.from({ length: 10 }, (_, id) =>
      JSON.stringify({ id, program, input: `${id}` }),
    )
    child.stdin?.end(`${lines.join('\n')}\n`)
    await until(() => out !== '')
    const pids = [child.pid as number, ...descendantsOf(child.pid as number)]
    for (const pid of pids) tell(pid, 'SIGSTOP')
    // Longer than any limit of a program or a server.
    await sleep(10_000)
    for (const pid of pids.toReversed()) tell(pid, 'SIGCONT')
    expect(await code).toBe(0)
    const answers = out.trim().split('\n')
    expect(answers.map(line => JSON.parse(line).output)).toEqual(lines.map((_, id) => `${id}`))
  })

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s leaves no process behind', async (signal, wanted) => {
    const { child, code, pids } = await atWork()
    child.kill(signal)
    expect(await code).toBe(wanted)
    await until(() => !pids.some(isThere))
  })

  test('SIGKILL leaves no process behind either', async () => {
    const { child, code, pids } = await atWork()
    child.kill('SIGKILL')
    await code
    await until(() => !pids.some(isThere))
  })
})
