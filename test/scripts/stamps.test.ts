/** When set-up counts as stale: scripts/launch and scripts/setup/stamps.ts must agree. */
import { spawnSync } from 'node:child_process'
import { appendFileSync, cpSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { pageIsFresh, stampPackages, stampPage, stampPython } from '../../scripts/setup/stamps.ts'
import { temporary } from '../temporary.ts'
import { program } from './program.ts'

const root = join(import.meta.dirname, '..', '..')
const sources = ['lib/formats.ts', ...globSync('web/{*,src/**/*}.*', { cwd: root })]

/** A copy of the hashed files, stamped as set up. Its Node prints what it was asked to run. */
function setUpCopy(): string {
  const folder = temporary('stamps')
  const hashed = ['package.json', 'package-lock.json', 'scripts/launch', ...sources]
  for (const name of [...hashed, ...globSync('trainer/requirements*.txt', { cwd: root })]) {
    cpSync(join(root, name), join(folder, name))
  }
  program(join(folder, 'bin/node'), '[ "$1" = -v ] && echo v24.0.0 || echo "$@"')
  program(join(folder, '.venv/bin/python'), '')
  for (const name of ['node_modules', 'web/dist']) mkdirSync(join(folder, name))
  stampPackages(folder)
  stampPage(folder)
  stampPython(folder, 'dev')
  return folder
}

function launcherSetsUp(folder: string): boolean {
  const env = { ...process.env, PATH: `${folder}/bin:/usr/bin:/bin` }
  const args = ['dev', 'entry.ts']
  const { stdout } = spawnSync(join(folder, 'scripts/launch'), args, { env, encoding: 'utf8' })
  expect(stdout).toContain('entry.ts')
  return stdout.includes('scripts/setup.ts dev')
}

test('the launcher accepts as fresh what the set-up has stamped', () => {
  const folder = setUpCopy()
  expect(pageIsFresh(folder)).toBe(true)
  expect(launcherSetsUp(folder)).toBe(false)
})

test('a change to any file that the page is built from makes it stale for both', () => {
  const folder = setUpCopy()
  expect(sources.length).toBeGreaterThan(20)
  for (const name of sources) {
    const text = readFileSync(join(folder, name))
    appendFileSync(join(folder, name), '\n')
    expect([name, pageIsFresh(folder), launcherSetsUp(folder)]).toEqual([name, false, true])
    writeFileSync(join(folder, name), text)
  }
})
