import { closeSync, openSync, renameSync, writeSync } from 'node:fs'

/** Readers find what was there before or all of the new text, whenever the writing ends. */
export function writeWhole(path: string, text: string | Iterable<string>): void {
  const file = openSync(`${path}.tmp`, 'w')
  try {
    for (const part of typeof text === 'string' ? [text] : text) writeSync(file, part)
  } finally {
    closeSync(file)
  }
  renameSync(`${path}.tmp`, path)
}
