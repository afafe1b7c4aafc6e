/** Folders that a test file makes for itself: they go when its last test, and its own hooks, are over. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

const made: string[] = []

// Registered on import, before any hook of the file, and so the last to run.
afterAll(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true })
})

export function temporary(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `azr-${name}-`))
  made.push(folder)
  return folder
}
