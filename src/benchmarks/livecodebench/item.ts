/**
 * Reads an item of LiveCodeBench from a line of its files. Its tests stay in the file until they
 * are needed.
 */
import { createReadStream, existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { inflateSync } from 'node:zlib'
import { readLines, textAt } from '../../../lib/lines.ts'
import type { Place } from '../benchmark.ts'
import { missing } from '../read.ts'
import { stringInPickle } from './pickle.ts'

export type Test = { input: string; output: string }

export type LivecodebenchItem = {
  id: string
  question: string
  starter: string
  /** The day of its contest, such as 2024-05-31. */
  date: string
  /** The method to call; null if the program reads standard input. */
  method: string | null
  tests: () => Promise<Test[]>
}

/** Plain JSON, or JSON in a pickle, compressed, in base64. */
function hiddenTests(text: string): Test[] {
  if (text.trimStart().startsWith('[')) return JSON.parse(text)
  return JSON.parse(stringInPickle(inflateSync(Buffer.from(text, 'base64'))))
}

const testsOf = (row: { public_test_cases: string; private_test_cases?: string }): Test[] => [
  ...(JSON.parse(row.public_test_cases) as Test[]),
  ...hiddenTests(row.private_test_cases || '[]'),
]

/** Its tests may be very long, so they are read again when they are needed. */
function readItem(text: string, path: string, at: number, size: number): LivecodebenchItem {
  const row = JSON.parse(text)
  const metadata = row.metadata ? JSON.parse(row.metadata) : {}
  return {
    id: row.question_id,
    question: row.question_content,
    starter: row.starter_code ?? '',
    date: String(row.contest_date).slice(0, 10),
    method: metadata.func_name ?? null,
    tests: async () => testsOf(JSON.parse(await textAt(path, { at, size }))),
  }
}

/** In the order of their ids, as in LiveCodeBench. */
export async function readContests({ folder, since, until }: Place): Promise<LivecodebenchItem[]> {
  const files = existsSync(folder)
    ? readdirSync(folder).filter(file => file.endsWith('.jsonl'))
    : []
  if (files.length === 0) throw missing('livecodebench', folder)
  const items: LivecodebenchItem[] = []
  for (const path of files.sort().map(file => join(folder, file))) {
    for await (const { text, at, size } of readLines(createReadStream(path))) {
      if (!text?.trim()) continue
      const item = readItem(text, path, at, size)
      if (item.date >= (since ?? '') && item.date <= (until ?? '9999')) items.push(item)
    }
  }
  return items.sort((a, b) => (a.id < b.id ? -1 : 1))
}
