/**
 * Describes what a machine lacks for a preset on a card, and what to do. Pure: the caller gives the
 * facts. For other presets it checks a card if there is one, and requires none.
 */
import { type Driver, isTooOld, oldestDriver } from '../../lib/nvidia.ts'
import type { Torch } from './cards.ts'
import { type Fit, gigabytes } from './fit/index.ts'
import { bytesOf } from './fit/memory.ts'

export type Finding = { name: string; state: 'ok' | 'warning' | 'missing'; detail: string }

export type CardFacts = {
  /** Whether the preset computes on a card. */
  wanted: boolean
  driver: Driver | null
  /** If it is a text, it says why Python gave no answer. */
  torch: Torch | string
  isWsl: boolean
}

const found = (state: Finding['state'], name: string, detail: string): Finding => {
  return { name, state, detail }
}

const driverPage = "your system's package of the NVIDIA driver"

function driverFinding({ driver, wanted, isWsl }: CardFacts): Finding[] {
  if (driver === null) {
    const where = isWsl ? 'in Windows, not in WSL' : `with ${driverPage}`
    const way = `install version ${oldestDriver} or newer ${where}; \`nvidia-smi\` has to list it`
    return wanted ? [found('missing', 'driver', `no NVIDIA card is visible: ${way}`)] : []
  }
  const said = `NVIDIA driver ${driver.version}, ${driver.cards.join(', ')}`
  if (!isTooOld(driver)) return [found('ok', 'driver', said)]
  const old = `${said}: CUDA 13 needs ${oldestDriver} or newer (torch and vLLM are built for no other)`
  return [found(wanted ? 'missing' : 'warning', 'driver', old)]
}

const size = (bytes: number) => `${gigabytes(bytes).toFixed(1)} GB`

function cardFinding({ torch, wanted, driver }: CardFacts): Finding[] {
  if (typeof torch === 'string') return wanted ? [found('missing', 'card', torch)] : []
  const { cuda, cards, error } = torch
  if (cards.length > 0) {
    const each = cards.map(
      ({ name, totalBytes, freeBytes }, i) =>
        `${i}: ${name}, ${size(totalBytes)}, ${size(freeBytes)} free`,
    )
    return [found('ok', 'card', each.join('; '))]
  }
  const setup = '`azr setup trainer --device cuda`'
  if (cuda === null) {
    const why = `torch ${torch.torch} is built for CPUs: ${setup}`
    // If no card is wanted, working without one is the user's choice.
    if (wanted) return [found('missing', 'card', why)]
    return driver === null ? [] : [found('warning', 'card', `not used, as ${why}`)]
  }
  const why = error ?? 'it lists none'
  const hidden = 'is CUDA_VISIBLE_DEVICES empty, or the container started without --gpus?'
  return [found('missing', 'card', `torch ${torch.torch} cannot use a card: ${why} (${hidden})`)]
}

/** Checks for what Triton needs at its first kernel. */
function compilerFinding({ torch, wanted }: CardFacts): Finding[] {
  if (!wanted || typeof torch === 'string') return []
  const lacks = [
    ...(torch.compiler === null ? ['a compiler (gcc or clang, or CC)'] : []),
    ...(torch.headers ? [] : [`the headers of Python ${torch.python} (Python.h)`]),
  ]
  const way = 'sudo apt install gcc python3-dev'
  if (lacks.length === 0) return [found('ok', 'compiler', `${torch.compiler}, Python.h`)]
  return [
    found('missing', 'compiler', `vLLM compiles kernels, without ${lacks.join(' and ')}: ${way}`),
  ]
}

function wslFinding({ isWsl, wanted }: CardFacts): Finding[] {
  if (!isWsl || !wanted) return []
  const limits =
    'the driver is that of Windows; memory is half of the machine unless .wslconfig says otherwise; ' +
    'nobody has tried azr on a card there'
  return [found('warning', 'WSL', limits)]
}

export function cardFindings(facts: CardFacts): Finding[] {
  return [driverFinding, cardFinding, compilerFinding, wslFinding].flatMap(look => look(facts))
}

export type Room = { memoryBytes: number; freeDiskBytes: number }

/** Checks the machine's memory, the disk for checkpoints, and what others hold of the card. */
export function roomFindings({ memory, hardware, device }: Fit, room: Room): Finding[] {
  if (device !== 'cuda') return []
  const base = 6 * 2 ** 30
  const needed = bytesOf(memory.host) + base
  const disk = bytesOf(memory.disk)
  const say = (name: string, need: number, have: number, way: string) => {
    const said = `${size(need)} needed, ${size(have)} available`
    return need <= have ? found('ok', name, said) : found('missing', name, `${said}: ${way}`)
  }
  return [
    say('memory', needed, room.memoryBytes, 'take a smaller model or --trainer.method=lora'),
    say('disk', disk, room.freeDiskBytes, 'make room, choose --home, or lower --checkpoint.keep'),
    ...(hardware.freeBytes !== undefined && hardware.freeBytes < 0.9 * hardware.memoryBytes
      ? [
          found(
            'warning',
            'card',
            `other processes hold ${size(hardware.memoryBytes - hardware.freeBytes)} of it (see nvidia-smi)`,
          ),
        ]
      : []),
  ]
}
