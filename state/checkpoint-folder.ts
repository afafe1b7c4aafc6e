/**
 * Checks whether a checkpoint's folder is complete, and copies one that may be pruned meanwhile.
 */
import { cpSync, existsSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Whether all files exist with their saved lengths. The learner checks their contents. */
export function isWhole(folder: string): boolean {
  try {
    const { files = {} } = JSON.parse(readFileSync(join(folder, 'checkpoint.json'), 'utf8'))
    return Object.entries(files as Record<string, { bytes: number }>).every(
      ([name, { bytes }]) => statSync(join(folder, name)).size === bytes,
    )
  } catch {
    return false
  }
}

/** Copies a checkpoint. Returns false if it was pruned before it was copied. */
export function copyCheckpoint(from: string, to: string): boolean {
  try {
    cpSync(from, to, { recursive: true, errorOnExist: true })
    return true
  } catch (error) {
    rmSync(to, { recursive: true, force: true })
    if (existsSync(from)) throw error
    return false
  }
}
