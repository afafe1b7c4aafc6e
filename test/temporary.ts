/** Temporary folders of a test file. They are deleted after its last test and its own hooks. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

const made: string[] = []

// Registered on import, before any hook of the file, so it runs last.
afterAll(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true })
})

export function temporary(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `azr-${name}-`))
  made.push(folder)
  return folder
}
