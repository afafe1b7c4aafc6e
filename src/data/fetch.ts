/** Brings a set into the data folder: from its public home, or from a folder that has it. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UsageError } from '../errors.ts'
import { openBenchmark } from '../grading/benchmark.ts'
import { type SuiteName, suiteSpecs } from '../grading/suites.ts'
import { convert } from './convert.ts'
import { download } from './download.ts'
import { sources } from './sources.ts'

export type FetchOptions = {
  data: string
  /** A folder in which the set lies in its normalised form: `NAME/NAME.jsonl`, or just its file. */
  from?: string
  /** A host that has the same paths as the public homes. */
  mirror?: string
  signal?: AbortSignal
}

/** Whether the set lies there and can be read; how many items it has. */
export async function itemsIn(data: string, name: SuiteName): Promise<number | null> {
  try {
    const { items } = await openBenchmark(name, { data, model: '' })
    return items.length
  } catch {
    return null
  }
}

/** Files become visible under their names when they are whole. */
function put(folder: string, file: string, text: string): void {
  const path = join(folder, file)
  writeFileSync(`${path}.tmp`, text)
  renameSync(`${path}.tmp`, path)
}

async function take(name: SuiteName, from: string, data: string): Promise<void> {
  const { folder } = suiteSpecs[name]
  const inner = join(from, folder)
  const place = existsSync(inner) ? inner : from
  const files = existsSync(place) ? readdirSync(place).filter(isOf(folder)) : []
  if (files.length === 0) {
    throw new UsageError(
      `Cannot take ${name} from ${from}: it has no ${folder}/${folder}.jsonl[.gz]`,
    )
  }
  // Read before anything is changed: what is no set is not taken.
  const parent = place === inner ? from : null
  if (parent !== null) await openBenchmark(name, { data: parent, model: '' })
  const target = join(data, folder)
  mkdirSync(target, { recursive: true })
  for (const file of files) {
    await copyFile(join(place, file), join(target, `${file}.tmp`))
    renameSync(join(target, `${file}.tmp`), join(target, file))
  }
}

/** LiveCodeBench is several files, all others are one. */
const isOf = (folder: string) => (file: string) =>
  folder === 'livecodebench'
    ? /^test\d*\.jsonl$/.test(file)
    : file === `${folder}.jsonl` || file === `${folder}.jsonl.gz`

export async function fetchSet(name: SuiteName, options: FetchOptions): Promise<number> {
  const { data, from, mirror, signal } = options
  const { folder, family } = suiteSpecs[name]
  const { pin, home, note } = sources[name]
  if (family === 'micro') throw new UsageError(`Cannot fetch ${name}: it comes with azr`)
  if (from) await take(name, from, data)
  else if (!pin) throw new UsageError(`Cannot fetch ${name} from ${home}: ${note}`)
  else {
    const target = join(data, folder)
    mkdirSync(target, { recursive: true })
    const url = mirror ? new URL(new URL(pin.url).pathname, mirror).href : pin.url
    const part = join(target, `${folder}.part`)
    await download({ ...pin, url }, part, signal)
    put(target, `${folder}.jsonl`, convert(name, readFileSync(part, 'utf8')))
    rmSync(part)
  }
  const items = await itemsIn(data, name)
  if (items === null) throw new UsageError(`Cannot read what was taken for ${name} in ${data}`)
  return items
}
