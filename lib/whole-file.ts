import { closeSync, openSync, renameSync, writeSync } from 'node:fs'

/** Replaces a file atomically: a reader finds either the old or the new text, never a part. */
export function writeWhole(path: string, text: string | Iterable<string>): void {
  const file = openSync(`${path}.tmp`, 'w')
  try {
    for (const part of typeof text === 'string' ? [text] : text) writeSync(file, part)
  } finally {
    closeSync(file)
  }
  renameSync(`${path}.tmp`, path)
}
