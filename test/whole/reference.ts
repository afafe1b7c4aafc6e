/** An undisturbed run, made once. Disturbed runs are compared with it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { azr } from './azr.ts'

declare module 'vitest' {
  interface ProvidedContext {
    reference: string
  }
}

export default async function setup({ provide }: TestProject) {
  const home = mkdtempSync(join(tmpdir(), 'azr-run-'))
  const { code, err } = await azr(['train', 'smoke', '--run', 'reference', '--no-serve'], { home })
  if (code !== 0) throw new Error(`The reference run ended with ${code}:\n${err}`)
  provide('reference', join(home, 'reference'))
  return () => rmSync(home, { recursive: true, force: true })
}
