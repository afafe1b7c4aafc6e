/**
 * Reads completions that were made elsewhere, from a file of JSON lines of any size. It streams the
 * file. For a large one it keeps only the positions of lines, and reads them when needed.
 */
import { createReadStream, statSync } from 'node:fs'
import { UsageError } from '../../domain/errors.ts'
import { type Line, readLines, textAt } from '../../lib/lines.ts'
import type { Item } from './benchmark.ts'
import type { Answered } from './graders.ts'
import type { Suite } from './suites.ts'

/** Larger files are read a second time, line by line. */
const mostKeptBytes = 256 << 20

function parsed(line: string | null): { id: string; completion: string } | null {
  try {
    const { id, completion } = JSON.parse((line ?? '').replace(/^\uFEFF/, '')) ?? {}
    return typeof id === 'string' && typeof completion === 'string' ? { id, completion } : null
  } catch {
    return null
  }
}

type Source = { path: string; name: string; items: Map<string, Item>; isKept: boolean }

function answerIn({ path, name, items, isKept }: Source, line: Line): Answered {
  const found = parsed(line.text)
  if (!found) {
    throw new UsageError(
      'completions-unreadable',
      `Cannot read line ${line.number} of ${path}: it has to be {"id": "…", "completion": "…"}`,
    )
  }
  const item = items.get(found.id)
  if (!item) {
    const [like] = items.keys()
    throw new UsageError(
      'completions-unreadable',
      `Cannot grade line ${line.number} of ${path}: ${name} has no item ${JSON.stringify(found.id)}; its ids are like ${like}`,
    )
  }
  const { at, size } = line
  const again = async () => parsed(await textAt(path, { at, size }))?.completion ?? ''
  return { item, completion: isKept ? found.completion : again }
}

/** Throws if a line cannot be read or names no item. Then nothing is graded. */
export async function readCompletions(
  path: string,
  { benchmark: { name }, items }: Suite,
  most = mostKeptBytes,
): Promise<Answered[]> {
  const byId = new Map(items.map(item => [item.id, item]))
  const answers: Answered[] = []
  try {
    const found = statSync(path)
    const source = { path, name, items: byId, isKept: !found.isFile() || found.size <= most }
    for await (const line of readLines(createReadStream(path))) {
      if (line.text?.trim() !== '') answers.push(answerIn(source, line))
    }
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError('completions-unreadable', `Cannot read completions in ${path}`, {
      cause: error,
    })
  }
  if (answers.length === 0)
    throw new UsageError('completions-unreadable', `Cannot grade ${path}: it has no completions`)
  return answers
}
