/**
 * Reads the NVIDIA driver of this machine from nvidia-smi, and what else a card needs. It imports
 * nothing but Node, because set-up asks before any package is installed.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

export type Driver = { version: string; cards: string[] }

/** The oldest driver that runs CUDA 13, for which the wheels of torch and vLLM are built. */
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

/** Null if there is no driver or no card. */
export function driverHere(): Driver | null {
  const { stdout } = spawnSync('nvidia-smi', query, { encoding: 'utf8', timeout: 5000 })
  return parseDriver(stdout ?? '')
}

export const isTooOld = ({ version }: Driver) => Number.parseInt(version, 10) < oldestDriver

/** Linux in Windows: the driver is that of Windows. */
export const isWsl = () =>
  existsSync('/proc/version') && /microsoft/i.test(readFileSync('/proc/version', 'utf8'))

/** The compiler with which Triton compiles its first kernel. */
export function compilerHere(env: NodeJS.ProcessEnv = process.env): string | null {
  const names = [env.CC, 'gcc', 'clang'].filter(name => name !== undefined)
  return names.find(name => spawnSync(name, ['--version'], { timeout: 5000 }).status === 0) ?? null
}
