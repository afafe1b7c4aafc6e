/** A home for one file of tests, with the reference in it: files run side by side. */
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { inject } from 'vitest'
import { temporary } from '../temporary.ts'

export function ownHome(): string {
  const home = temporary('home')
  cpSync(inject('reference'), join(home, 'reference'), { recursive: true })
  return home
}
