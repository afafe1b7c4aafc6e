import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { temporary } from '../temporary.ts'
import { program } from './program.ts'

const root = join(import.meta.dirname, '..', '..')
const system = '/usr/bin:/bin'
const here = dirname(process.execPath)

function azr(folder: string, args: string[], path: string) {
  const env = { ...process.env, PATH: path }
  const launcher = join(folder, 'scripts', 'azr')
  const { status, stdout, stderr } = spawnSync(launcher, args, { env, encoding: 'utf8' })
  return { code: status, out: stdout, err: stderr }
}

/** The project as git has it: nothing installed. */
function bareClone(): string {
  const folder = temporary('bare')
  for (const name of ['scripts', 'lib', 'domain', 'src', 'configs', 'package.json']) {
    cpSync(join(root, name), join(folder, name), { recursive: true })
  }
  return folder
}

/** A folder with a `node` that only prints its version, and an `npm` that fails. */
function fakeNode(version: string): string {
  const folder = temporary('node')
  program(join(folder, 'node'), `[ "$1" = -v ] && echo ${version} || exit 9`)
  program(join(folder, 'npm'), 'exit 1')
  return folder
}

describe('on a bare clone', () => {
  test.each([
    [['--version'], /^azr \d/],
    [['--help'], /azr COMMAND/],
    [['setup', '--help'], /azr setup/],
    [['doctor', '--help'], /azr doctor/],
  ])('%j needs nothing installed', (args, expected) => {
    const { code, out, err } = azr(bareClone(), args, `${here}:${system}`)
    expect(out, err).toMatch(expected)
    expect(code).toBe(0)
  })

  test('doctor says what is missing, and what to do', () => {
    const { code, out } = azr(bareClone(), ['doctor'], `${here}:${system}`)
    expect(out).toMatch(/missing {2}python +.*azr setup/)
    expect(code).toBe(1)
  })
})

describe('the Node that is used', () => {
  test.each(['v18.20.0', 'v20.19.0', 'v22.17.1', 'v23.11.0'])('is not %s', version => {
    const { err, code } = azr(bareClone(), ['--version'], `${fakeNode(version)}:${system}`)
    expect(err).toContain(`needs 22.18 or newer and found ${version}`)
    expect(err).toContain('Cannot install')
    expect(code).toBe(1)
  })

  test.each(['v22.18.0', 'v24.0.0', 'v26.1.0'])('may be %s', version => {
    const { code } = azr(bareClone(), ['--version'], `${fakeNode(version)}:${system}`)
    expect(code).toBe(9)
  })

  test("may be a link elsewhere: the project's own files are found", () => {
    const folder = temporary('link')
    const link = join(folder, 'azr')
    spawnSync('ln', ['-s', join(root, 'scripts', 'azr'), link])
    const env = { ...process.env, PATH: `${here}:${system}` }
    const { stdout } = spawnSync(link, ['--version'], { env, cwd: '/', encoding: 'utf8' })
    expect(stdout).toMatch(/^azr \d/)
  })
})

describe('while set-up runs', () => {
  /** A bare clone in which `body` replaces scripts/setup.ts. */
  function cloneWith(body: string): string {
    const folder = bareClone()
    writeFileSync(join(folder, 'scripts', 'setup.ts'), body)
    return folder
  }

  test('`azr setup` holds the same lock as the launcher; a dry run holds none', () => {
    const tryLock = 'flock -n .azr/setup.lock echo free || echo held'
    const folder = cloneWith(`
      import { execSync } from 'node:child_process'
      process.stdout.write(execSync('mkdir -p .azr; ${tryLock}', { cwd: import.meta.dirname + '/..' }))
    `)
    const path = `${here}:${system}`
    expect(azr(folder, ['setup', 'engine', '--dry-run'], path).out).toBe('free\n')
    expect(azr(folder, ['setup', 'engine'], path).out).toBe('held\n')
    expect(azr(folder, ['runs'], path).out).toMatch(/^held\n/)
    expect(spawnSync(tryLock, { cwd: folder, shell: true, encoding: 'utf8' }).stdout).toBe('free\n')
  })

  test('Ctrl-C ends the launcher with 130', async () => {
    const folder = cloneWith(`
      process.on('SIGINT', () => process.exit(130))
      setInterval(() => {}, 1000)
      console.log('begun')
    `)
    const env = { ...process.env, PATH: `${here}:${system}` }
    const launcher = join(folder, 'scripts', 'azr')
    const child = spawn(launcher, ['runs'], { env, detached: true })
    await once(child.stdout, 'data')
    process.kill(-(child.pid as number), 'SIGINT')
    expect(await once(child, 'close')).toEqual([130, null])
  })
})
