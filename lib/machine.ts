/**
 * Lists the accelerators of this machine, as nvidia-smi reports them. The list is empty if there is
 * no nvidia-smi.
 */
import { execFile } from 'node:child_process'
import { freemem, loadavg, totalmem } from 'node:os'
import { promisify } from 'node:util'

export type Gpu = {
  index: number
  name: string
  busy: number
  memory_bytes: number
  total_bytes: number
  celsius: number | null
}
export type Machine = { memory_bytes: number; total_bytes: number; load: number; gpus: Gpu[] }

const query = 'index,name,utilization.gpu,memory.used,memory.total,temperature.gpu'
const freshMs = 2000
const patienceMs = 5000
const mebibyte = 2 ** 20

/**
 * Parses `nvidia-smi --format=csv,noheader,nounits`. A value that a card does not report is [N/A].
 */
export function parseGpus(text: string): Gpu[] {
  return text.split('\n').flatMap(line => {
    const [index, name, busy, used, total, celsius] = line.split(',').map(cell => cell.trim())
    if (!name) return []
    const number = (cell: string | undefined) => Number(cell) || 0
    return [
      {
        index: number(index),
        name,
        busy: number(busy) / 100,
        memory_bytes: number(used) * mebibyte,
        total_bytes: number(total) * mebibyte,
        celsius: Number.isFinite(Number(celsius)) ? Number(celsius) : null,
      },
    ]
  })
}

let asked: { atMs: number; gpus: Promise<Gpu[]> } | null = null

function gpus(): Promise<Gpu[]> {
  if (asked && Date.now() - asked.atMs < freshMs) return asked.gpus
  const args = [`--query-gpu=${query}`, '--format=csv,noheader,nounits']
  const found = promisify(execFile)('nvidia-smi', args, { timeout: patienceMs }).then(
    ({ stdout }) => parseGpus(stdout),
    () => [],
  )
  asked = { atMs: Date.now(), gpus: found }
  return found
}

export async function readMachine(): Promise<Machine> {
  const [load = 0] = loadavg()
  const total_bytes = totalmem()
  return { memory_bytes: total_bytes - freemem(), total_bytes, load, gpus: await gpus() }
}
