/** Brings a benchmark into the data folder, from its public home or from a local folder. */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { UsageError } from '../../../domain/errors.ts'
import { writeWhole } from '../../../lib/whole-file.ts'
import type { OwnBenchmark, Pin, Source } from '../own.ts'
import { checkFile, download } from './download.ts'

export type FetchOptions = {
  data: string
  /** A folder that has it, normalised (`NAME/NAME.jsonl`, or just its file) or as published. */
  from?: string
  /** A host with the same paths as the public homes. */
  mirror?: string
  signal?: AbortSignal
  /** Called with the progress of a file's download. */
  onBytes?: (file: string, here: number, size: number) => void
}

/** The number of items in the folder. Throws if they cannot be read. */
const countIn = async (data: string, { source, items }: OwnBenchmark): Promise<number> =>
  (await items({ folder: join(data, source.folder), model: '' })).length

/** The number of items; null if they are missing or unreadable. */
export const itemsHere = (data: string, benchmark: OwnBenchmark): Promise<number | null> =>
  countIn(data, benchmark).catch(() => null)

const fileOf = ({ url }: Pin) => basename(new URL(url).pathname)

/** Whether a file is used as published. */
const isReady = ({ folder, published }: Source, file: string) =>
  published ? published.test(file) : [`${folder}.jsonl`, `${folder}.jsonl.gz`].includes(file)

/** The file appears under its name only when it is complete. */
function putNormalised({ folder, convert }: Source, path: string, target: string): void {
  if (convert) writeWhole(join(target, `${folder}.jsonl`), convert(path))
}

async function copyFiles(place: string, files: string[], target: string): Promise<void> {
  for (const file of files) {
    await copyFile(join(place, file), join(target, `${file}.tmp`))
    renameSync(join(target, `${file}.tmp`), join(target, file))
    // An older plain file would be read instead of the gzipped one.
    if (file.endsWith('.gz')) rmSync(join(target, file.slice(0, -'.gz'.length)), { force: true })
  }
}

async function take(benchmark: OwnBenchmark, from: string, data: string): Promise<void> {
  const { name, source } = benchmark
  const { folder } = source
  const target = join(data, folder)
  const inner = join(from, folder)
  const place = existsSync(inner) ? inner : from
  const files = existsSync(place) ? readdirSync(place).filter(file => isReady(source, file)) : []
  if (files.length > 0) {
    // Reads it before any change: an unreadable folder is refused.
    if (place === inner) await countIn(from, benchmark)
    mkdirSync(target, { recursive: true })
    return copyFiles(place, files, target)
  }
  const [pin] = source.pins
  const published = pin && join(place, fileOf(pin))
  if (!published || !existsSync(published)) {
    const other = pin ? `, nor ${fileOf(pin)} as it is published` : ''
    throw new UsageError(
      'fetch-impossible',
      `Cannot take ${name} from ${from}: it has no ${folder}/${folder}.jsonl[.gz]${other}`,
    )
  }
  await checkFile(pin, published)
  mkdirSync(target, { recursive: true })
  putNormalised(source, published, target)
}

async function fetchFiles({ source }: OwnBenchmark, options: FetchOptions): Promise<void> {
  const { data, mirror, signal, onBytes } = options
  const target = join(data, source.folder)
  mkdirSync(target, { recursive: true })
  for (const pin of source.pins) {
    const file = fileOf(pin)
    const path = join(target, file)
    // A file under this name is complete, from an earlier attempt.
    if (!source.convert && existsSync(path) && statSync(path).size === pin.size) continue
    const url = mirror ? new URL(new URL(pin.url).pathname, mirror).href : pin.url
    const part = `${path}.part`
    await download({ ...pin, url }, part, {
      ...(signal && { signal }),
      ...(onBytes && { onBytes: (here: number) => onBytes(file, here, pin.size) }),
    })
    if (source.convert) {
      putNormalised(source, part, target)
      rmSync(part)
    } else renameSync(part, path)
  }
}

/** Returns its number of items. */
export async function fetchBenchmark(
  benchmark: OwnBenchmark,
  options: FetchOptions,
): Promise<number> {
  const { name, source } = benchmark
  const { data, from } = options
  const { folder, pins, home, byHand } = source
  if (folder === '')
    throw new UsageError('fetch-impossible', `Cannot fetch ${name}: it comes with azr`)
  if (pins.length === 0 && !from) {
    throw new UsageError(
      'fetch-impossible',
      `Cannot fetch ${name} as ${home} publishes no file with a fixed checksum. Make ${folder}.jsonl from it ` +
        `(${byHand}), then: azr data fetch ${name} --from DIR`,
    )
  }
  if (from) await take(benchmark, from, data)
  else await fetchFiles(benchmark, options)
  const items = await itemsHere(data, benchmark)
  if (items === null)
    throw new UsageError(
      'benchmark-unreadable',
      `Cannot read the files of ${name} that are now in ${data}`,
    )
  return items
}
