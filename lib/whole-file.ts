import { renameSync, writeFileSync } from 'node:fs'

/** Readers find what was there before or all of the new text, whenever the writing ends. */
export function writeWhole(path: string, text: string): void {
  writeFileSync(`${path}.tmp`, text)
  renameSync(`${path}.tmp`, path)
}
