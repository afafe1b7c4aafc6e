/** A home folder for one test file, with a copy of the reference: files run in parallel. */
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { inject } from 'vitest'
import { temporary } from '../temporary.ts'

export function ownHome(): string {
  const home = temporary('home')
  cpSync(inject('reference'), join(home, 'reference'), { recursive: true })
  return home
}
