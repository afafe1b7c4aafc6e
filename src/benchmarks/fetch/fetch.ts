/** Brings a set into the data folder: from its public home, or from a folder that has it. */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { UsageError } from '../../../domain/errors.ts'
import { writeWhole } from '../../../lib/whole-file.ts'
import { openBenchmark } from '../benchmark.ts'
import { type SuiteName, suiteSpecs } from '../specs.ts'
import { convertFile } from './convert.ts'
import { checkFile, download } from './download.ts'
import { type Pin, sources } from './sources.ts'

export type FetchOptions = {
  data: string
  /** A folder with the set, normalised (`NAME/NAME.jsonl`, or just its file) or as published. */
  from?: string
  /** A host that has the same paths as the public homes. */
  mirror?: string
  signal?: AbortSignal
  /** Told how far the download of a file is. */
  onBytes?: (file: string, here: number, size: number) => void
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

const fileOf = ({ url }: Pin) => basename(new URL(url).pathname)

/** LiveCodeBench is several files, read as they are published; all others are one, normalised. */
const isAsPublished = (name: SuiteName) => suiteSpecs[name].family === 'livecodebench'

const isOf = (folder: string) => (file: string) =>
  folder === 'livecodebench'
    ? /^test\d*\.jsonl$/.test(file)
    : file === `${folder}.jsonl` || file === `${folder}.jsonl.gz`

/** Files become visible under their names when they are whole. */
function putNormalised(name: SuiteName, published: string, target: string): void {
  const { folder } = suiteSpecs[name]
  writeWhole(join(target, `${folder}.jsonl`), convertFile(name, published))
}

async function takeFiles(place: string, files: string[], target: string): Promise<void> {
  for (const file of files) {
    await copyFile(join(place, file), join(target, `${file}.tmp`))
    renameSync(join(target, `${file}.tmp`), join(target, file))
    // Of two forms the plain one is read: one of before would hide this one.
    if (file.endsWith('.gz')) rmSync(join(target, file.slice(0, -'.gz'.length)), { force: true })
  }
}

async function take(name: SuiteName, from: string, data: string): Promise<void> {
  const { folder } = suiteSpecs[name]
  const target = join(data, folder)
  const inner = join(from, folder)
  const place = existsSync(inner) ? inner : from
  const files = existsSync(place) ? readdirSync(place).filter(isOf(folder)) : []
  if (files.length > 0) {
    // Read before anything is changed: what is no set is not taken.
    if (place === inner) await openBenchmark(name, { data: from, model: '' })
    mkdirSync(target, { recursive: true })
    return takeFiles(place, files, target)
  }
  const [pin] = sources[name].pins
  const published = pin && join(place, fileOf(pin))
  if (!published || !existsSync(published)) {
    const other = pin ? `, nor ${fileOf(pin)} as it is published` : ''
    throw new UsageError(
      `Cannot take ${name} from ${from}: it has no ${folder}/${folder}.jsonl[.gz]${other}`,
    )
  }
  await checkFile(pin, published)
  mkdirSync(target, { recursive: true })
  putNormalised(name, published, target)
}

async function fetchFiles(name: SuiteName, options: FetchOptions): Promise<void> {
  const { data, mirror, signal, onBytes } = options
  const target = join(data, suiteSpecs[name].folder)
  mkdirSync(target, { recursive: true })
  for (const pin of sources[name].pins) {
    const file = fileOf(pin)
    const path = join(target, file)
    // Under its name it is whole: an earlier try came as far as that.
    if (isAsPublished(name) && existsSync(path) && statSync(path).size === pin.size) continue
    const url = mirror ? new URL(new URL(pin.url).pathname, mirror).href : pin.url
    const part = `${path}.part`
    await download({ ...pin, url }, part, {
      ...(signal && { signal }),
      ...(onBytes && { onBytes: (here: number) => onBytes(file, here, pin.size) }),
    })
    if (isAsPublished(name)) renameSync(part, path)
    else {
      putNormalised(name, part, target)
      rmSync(part)
    }
  }
}

export async function fetchSet(name: SuiteName, options: FetchOptions): Promise<number> {
  const { data, from } = options
  if (suiteSpecs[name].family === 'micro') {
    throw new UsageError(`Cannot fetch ${name}: it comes with azr`)
  }
  if (from) await take(name, from, data)
  else await fetchFiles(name, options)
  const items = await itemsIn(data, name)
  if (items === null) throw new UsageError(`Cannot read what was taken for ${name} in ${data}`)
  return items
}
