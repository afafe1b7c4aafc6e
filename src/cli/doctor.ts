import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, mkdirSync, statfsSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import { join } from 'node:path'
import { explain } from '../../domain/errors.ts'
import type { Layer } from '../../domain/execution.ts'
import { lastLine } from '../../lib/formats.ts'
import { jsonText } from '../../lib/terminal.ts'
import type { Finding } from '../config/card-findings.ts'
import type { Config } from '../config/config.ts'
import { python, root } from '../config/paths.ts'
import { type Args, type CommandSpec, homeOf } from './args.ts'

export const spec: CommandSpec = {
  name: 'doctor',
  summary: 'Shows what this machine has, what is missing, and what to do about it.',
  positions: ['[PRESET|FILE]'],
  takesKnobs: true,
  flags: {
    gpu: {
      about: 'test that a preset works here: start engine and learner, compare, load, update',
    },
    keep: { about: 'with --gpu: keep its folder, with the logs' },
  },
  detail:
    'With a preset, or with --model.path=DIR, it also shows whether the model can be used here. ' +
    '--gpu takes about ten minutes and prints a row for each check; with --json it prints a report ' +
    'that you can paste. On a CPU it skips the checks that need CUDA.',
}

const ok = (name: string, detail: string): Finding => ({ name, state: 'ok', detail })
const missing = (name: string, detail: string): Finding => ({ name, state: 'missing', detail })

function checkNode(): Finding {
  const name = process.versions.deno ? `Deno ${process.versions.deno}` : `Node ${process.version}`
  return ok('runtime', `${name}, ${process.platform}-${process.arch}`)
}

function checkMachine(): Finding {
  const gigabytes = Math.round(totalmem() / 2 ** 30)
  return ok('machine', `${availableParallelism()} cores, ${gigabytes} GB of memory`)
}

function checkPackages(): Finding {
  const found = existsSync(join(root, 'node_modules', 'xstate'))
  return found ? ok('packages', 'installed') : missing('packages', 'run `azr setup`')
}

function checkPython(): Finding {
  if (!existsSync(python)) return missing('python', 'no environment yet: run `azr setup`')
  const code = 'import sys, torch; print(sys.version.split()[0], torch.__version__)'
  const { status, stdout, stderr } = spawnSync(python, ['-c', code], { encoding: 'utf8' })
  if (status !== 0) return missing('python', `${lastLine(stderr)}: run \`azr setup\``)
  const [version, torch] = stdout.trim().split(' ')
  return ok('python', `${version}, torch ${torch}`)
}

function checkHome(home: string): Finding {
  try {
    mkdirSync(home, { recursive: true })
    accessSync(home, constants.W_OK)
    const { bavail, bsize } = statfsSync(home)
    const free = (bavail * bsize) / 2 ** 30
    const detail = `${home}, ${free.toFixed(0)} GB free`
    return free < 2 ? { name: 'home', state: 'warning', detail } : ok('home', detail)
  } catch (error) {
    return missing('home', `cannot write ${home} (${explain(error)}): choose another with --home`)
  }
}

async function checkStore(): Promise<Finding> {
  try {
    const { default: Database } = await import('better-sqlite3')
    const client = new Database(':memory:')
    const row = client.prepare('select sqlite_version() as version').get() as { version: string }
    client.close()
    return ok('store', `SQLite ${row.version}`)
  } catch (error) {
    return missing('store', `${explain(error)}: run \`azr setup\``)
  }
}

/** The layers that isolate programs here. A missing one has its reason. */
function describeLayers(layers: Layer[]): string {
  return layers
    .map(({ name, on, detail }) => `${on ? '' : 'NO '}${name} (${detail})`)
    .join('\n                   ')
}

/** Runs one program for real. */
async function checkSandbox(): Promise<Finding> {
  try {
    const { startSandbox } = await import('../../sandbox/index.ts')
    const sandbox = await startSandbox({ python, workers: 1 })
    try {
      const limits = { timeoutMs: 1000, memoryMb: 256, maxOutputBytes: 1000, runs: 2 } as const
      const job = { program: 'def f(a):\n return a + 1', inputs: ['41'], limits }
      const [found] = await sandbox.execute(job)
      if (found?.output !== '42') return missing('sandbox', `f(41) gave ${JSON.stringify(found)}`)
      return ok('sandbox', describeLayers(sandbox.layers()))
    } finally {
      await sandbox.stop()
    }
  } catch (error) {
    return missing('sandbox', explain(error))
  }
}

async function configOf({ positions: [preset = 'micro'], overrides }: Args): Promise<Config> {
  const { loadConfig } = await import('../config/load.ts')
  return loadConfig(preset, overrides)
}

/** Whether a preset's model can be used, by the list that `azr train` uses. */
async function checkModel(config: Config): Promise<Finding[]> {
  const { suitableHere } = await import('./plan.ts')
  const { refusals, notes } = suitableHere(config)
  const what = `${config.model.path}: `
  return [
    ...refusals.map(line => missing('model', what + line)),
    ...notes.map((line): Finding => ({ name: 'model', state: 'warning', detail: what + line })),
    ...(refusals.length + notes.length > 0 ? [] : [ok('model', `${what}can be used`)]),
  ]
}

/** Checks the card for a preset on a card; otherwise the card of this machine, if any. */
async function checkCard(args: Args): Promise<Finding[]> {
  const { findingsHere } = await import('../config/machine.ts')
  return findingsHere(await configOf(args), homeOf(args))
}

function show(findings: readonly Finding[], isJson: boolean): number {
  const isWell = findings.every(({ state }) => state !== 'missing')
  if (isJson) process.stdout.write(`${jsonText({ ok: isWell, findings })}\n`)
  else {
    for (const { name, state, detail } of findings) {
      process.stdout.write(`${state.padEnd(8)} ${name.padEnd(9)} ${detail}\n`)
    }
  }
  return isWell ? 0 : 1
}

const isReady = () => checkPackages().state === 'ok' && existsSync(python)

/** All findings that need no start of engine or learner. */
export async function findingsOf(args: Args): Promise<Finding[]> {
  const packages = checkPackages()
  return [
    checkNode(),
    checkMachine(),
    packages,
    checkPython(),
    checkHome(homeOf(args)),
    ...(packages.state === 'ok' ? [await checkStore()] : []),
    ...(isReady()
      ? [
          await checkSandbox(),
          ...(await checkCard(args)),
          ...(await checkModel(await configOf(args))),
        ]
      : []),
  ]
}

export async function run(args: Args): Promise<number> {
  const findings = await findingsOf(args)
  if (!args.flags.has('gpu')) return show(findings, args.flags.has('json'))
  const { proveHere } = await import('./doctor-gpu.ts')
  return isReady() ? proveHere(args, await configOf(args), findings) : show(findings, false)
}
