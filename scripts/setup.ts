/**
 * Sets up what is stale:
 * `setup.ts runtime|dev|engine|trainer|docs [--device D] [--dry-run] [--force]`.
 * Called by scripts/launch under its lock, for itself and for `azr setup`. Uses nothing but Node,
 * as node_modules may not exist yet.
 */
import { rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { printed } from '../domain/errors.ts'
import { Interrupted } from '../lib/programs.ts'
import { SetupError, stopChildren, watchParent } from './setup/child.ts'
import { deviceOf } from './setup/device.ts'
import { setUpDocs } from './setup/docs.ts'
import { describeEngine, engineIsFresh, setUpEngine } from './setup/engine.ts'
import { needsHere, needsOf } from './setup/needs.ts'
import { setUpPackages } from './setup/packages.ts'
import { setUpPage } from './setup/page.ts'
import { phase, phasesTold, sideBySide } from './setup/phases.ts'
import { setUpPython } from './setup/python.ts'
import {
  modelRequirements,
  packagesAreFresh,
  pageIsFresh,
  pythonIsFresh,
  pythonLevel,
  stamps,
} from './setup/stamps.ts'
import { pinnedTorch } from './setup/torch.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    device: { type: 'string' },
    'dry-run': { type: 'boolean', default: false },
    force: { type: 'boolean', default: false },
  },
})
const { 'dry-run': isDry, force } = values
const [part = 'runtime'] = positionals
const root = dirname(import.meta.dirname)
const { env } = process
const say = (line: string) => process.stderr.write(`azr: ${line}\n`)

async function setUpRuntime(level: 'runtime' | 'dev'): Promise<boolean> {
  if (force && !isDry) {
    for (const stamp of Object.values(stamps)) rmSync(join(root, stamp), { force: true })
  }
  const packages = !force && packagesAreFresh(root)
  const page = !force && pageIsFresh(root)
  const python = !force && pythonIsFresh(root, level)
  if (isDry) {
    say(packages ? 'npm packages: nothing to do' : 'npm packages: as package-lock.json says')
    say(page ? 'page: nothing to do' : 'page: built from web/')
    say(python ? '.venv: nothing to do' : `.venv: ${pinnedTorch(root)} and the requirements`)
    return false
  }
  if (!packages && pythonLevel(root) === undefined) {
    say(
      'first a set-up, about a minute: npm packages, the page, Python packages; then the run ' +
        'begins',
    )
  }
  const forNode = async () => {
    if (!packages) await phase('npm packages', setUpPackages(root, say))
    if (!page) await phase('page', setUpPage(root, say))
  }
  const forPython = async () => {
    if (!python) await setUpPython({ root, level, env, say })
  }
  await sideBySide(forNode(), forPython())
  return !packages || !page || !python
}

/** Warns of what this machine lacks for a card, before anything is downloaded. */
function tellNeeds(part: 'engine' | 'trainer', device: 'cpu' | 'cuda'): void {
  if (device !== 'cuda') return
  for (const line of needsOf(needsHere(root, part))) say(`warning: ${line}`)
}

async function setUpEnginePart(): Promise<boolean> {
  const device = deviceOf(values.device)
  if (!force && engineIsFresh(root, device)) {
    say(`engine for ${device}: nothing to do`)
    return false
  }
  tellNeeds('engine', device)
  for (const line of isDry ? describeEngine(root, device) : []) say(line)
  if (!isDry) await setUpEngine({ root, device, env, say })
  return !isDry
}

async function setUpTrainerPart(): Promise<boolean> {
  const device = deviceOf(values.device)
  tellNeeds('trainer', device)
  if (isDry) {
    const files = ['trainer/requirements.txt', ...modelRequirements(device)]
    say(`.venv: ${pinnedTorch(root)} for ${device}, and ${files.join(', ')}`)
    return false
  }
  if (force) rmSync(join(root, stamps.python), { force: true })
  await setUpPython({ root, level: pythonLevel(root) ?? 'runtime', env, say, device })
  return true
}

function setUp(): Promise<boolean> {
  switch (part) {
    case 'engine':
      return setUpEnginePart()
    case 'docs':
      return setUpDocs(root, say)
    case 'trainer':
      return setUpTrainerPart()
    default:
      return setUpRuntime(part === 'dev' ? 'dev' : 'runtime')
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stopChildren)
watchParent()
const started = Date.now()
try {
  if (await setUp()) {
    const told = phasesTold()
    say(`set up in ${Math.round((Date.now() - started) / 1000)} s${told ? `: ${told}` : ''}`)
  }
} catch (error) {
  if (error instanceof Interrupted) process.exit(130)
  if (!(error instanceof SetupError)) throw error
  say(printed(error.code, error.message))
  process.exit(1)
}
process.exit(0)
