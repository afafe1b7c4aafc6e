/** Damage that a crash may leave on disk: torn checkpoints, half-written files, a truncated log. */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

type Random = (below: number) => number

function newestCheckpoint(folder: string): string | null {
  const place = join(folder, 'checkpoints')
  const names = existsSync(place) ? readdirSync(place).filter(name => !name.startsWith('.')) : []
  const last = names.sort().at(-1)
  return last ? join(place, last) : null
}

function tear(file: string, random: Random): void {
  if (existsSync(file)) truncateSync(file, random(statSync(file).size))
}

export const damages: Record<string, (folder: string, random: Random) => void> = {
  nothing: () => {},
  'torn weights': (folder, random) => {
    const at = newestCheckpoint(folder)
    if (at) tear(join(at, 'model.safetensors'), random)
  },
  'torn optimiser': (folder, random) => {
    const at = newestCheckpoint(folder)
    if (at) tear(join(at, 'trainer.pt'), random)
  },
  'half-written files': folder => {
    for (const name of ['checkpoints/.000009-7.7.part', 'checkpoints/000009-7']) {
      mkdirSync(join(folder, name), { recursive: true })
      writeFileSync(join(folder, name, 'model.safetensors'), Buffer.alloc(1000))
    }
    mkdirSync(join(folder, 'policies/.000001.7.part'), { recursive: true })
  },
  'end of the log lost': (folder, random) => tear(join(folder, 'run.db-wal'), random),
  'junk after the log': (folder, random) => {
    const wal = join(folder, 'run.db-wal')
    if (existsSync(wal)) appendFileSync(wal, Buffer.alloc(random(5000), 0xa5))
  },
}
