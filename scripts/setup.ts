/**
 * Sets up what is stale: `setup.ts runtime|dev [--force]`. Called by scripts/launch under its lock,
 * so that two never run at once. Uses nothing but Node, as node_modules may not exist yet.
 */
import { rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Interrupted, SetupError, stopChildren, watchParent } from './setup/child.ts'
import { setUpPackages } from './setup/packages.ts'
import { setUpPage } from './setup/page.ts'
import { setUpPython } from './setup/python.ts'
import { type Level, packagesAreFresh, pageIsFresh, pythonIsFresh, stamps } from './setup/stamps.ts'

const root = dirname(import.meta.dirname)
const level: Level = process.argv.includes('dev') ? 'dev' : 'runtime'
const say = (line: string) => process.stderr.write(`azr: ${line}\n`)
const started = Date.now()

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stopChildren)
watchParent()

if (process.argv.includes('--force')) {
  rmSync(join(root, stamps.packages), { force: true })
  rmSync(join(root, stamps.page), { force: true })
  rmSync(join(root, stamps.python), { force: true })
}

try {
  const packages = packagesAreFresh(root)
  if (!packages) await setUpPackages(root, say)
  const page = pageIsFresh(root)
  if (!page) await setUpPage(root, say)
  const python = pythonIsFresh(root, level)
  if (!python) await setUpPython({ root, level, env: process.env, say })
  if (!packages || !page || !python) say(`set up in ${Math.round((Date.now() - started) / 1000)} s`)
} catch (error) {
  if (error instanceof Interrupted) process.exit(130)
  if (!(error instanceof SetupError)) throw error
  say(error.message)
  process.exit(1)
}
process.exit(0)
