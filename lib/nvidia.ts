/**
 * The NVIDIA driver of this machine as nvidia-smi tells it, and what else a card depends on here.
 * It needs Node alone, because set-up asks before any package is installed.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

export type Driver = { version: string; cards: string[] }

/** The oldest one that runs CUDA 13, for which the wheels of torch and vLLM are built. */
export const oldestDriver = 580

const query = ['--query-gpu=driver_version,name', '--format=csv,noheader']

/** Null if no card is listed. */
export function parseDriver(text: string): Driver | null {
  const rows = text
    .split('\n')
    .map(line => line.split(',').map(cell => cell.trim()))
    .filter(([version = '', name]) => /^\d+\.\d+/.test(version) && name)
  const [first] = rows
  return first
    ? { version: first[0] as string, cards: rows.map(([, name]) => name as string) }
    : null
}

/** Null where there is no driver, or no card. */
export function driverHere(): Driver | null {
  const { stdout } = spawnSync('nvidia-smi', query, { encoding: 'utf8', timeout: 5000 })
  return parseDriver(stdout ?? '')
}

export const isTooOld = ({ version }: Driver) => Number.parseInt(version, 10) < oldestDriver

/** Windows' Linux: the driver is that of Windows. */
export const isWsl = () =>
  existsSync('/proc/version') && /microsoft/i.test(readFileSync('/proc/version', 'utf8'))

/** Triton compiles its first kernel with it. */
export function compilerHere(env: NodeJS.ProcessEnv = process.env): string | null {
  const names = [env.CC, 'gcc', 'clang'].filter(name => name !== undefined)
  return names.find(name => spawnSync(name, ['--version'], { timeout: 5000 }).status === 0) ?? null
}
