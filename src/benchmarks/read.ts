/** Reads the items of a benchmark that is one file of JSON lines in a folder of the same name. */
import { existsSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { UsageError } from '../../domain/errors.ts'
import { filledLines } from '../../lib/lines.ts'
import type { Item } from './benchmark.ts'

export const missing = (name: string, folder: string) =>
  new UsageError(
    'benchmark-missing',
    `Cannot find the items of ${name} in ${folder}: fetch them with \`azr data fetch ${name}\`, or ` +
      'name the folder that has them with --data DIR',
  )

/** The lines of `FOLDER/FOLDER.jsonl`, plain or gzipped; null if there is no such file. */
export function linesIn(folder: string): string[] | null {
  const plain = join(folder, `${basename(folder)}.jsonl`)
  const text = existsSync(plain)
    ? readFileSync(plain, 'utf8')
    : existsSync(`${plain}.gz`)
      ? gunzipSync(readFileSync(`${plain}.gz`)).toString('utf8')
      : null
  return text === null ? null : filledLines(text).map(line => line.text)
}

export function readItems<I extends Item>(
  name: string,
  folder: string,
  read: (line: string) => I,
): I[] {
  const lines = linesIn(folder)
  if (!lines) throw missing(name, folder)
  return lines.map((line, i) => {
    try {
      return read(line)
    } catch (error) {
      throw new UsageError(
        'benchmark-unreadable',
        `Cannot read line ${i + 1} of ${name} in ${folder}`,
        { cause: error },
      )
    }
  })
}
