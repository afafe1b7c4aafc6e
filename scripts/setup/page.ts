/** Builds the page from web/, lib/formats.ts and the packages. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { need } from './child.ts'
import { stampPage } from './stamps.ts'

export async function setUpPage(root: string, say: (line: string) => void): Promise<void> {
  say('building the page')
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js')
  rmSync(join(root, 'web', 'dist'), { recursive: true, force: true })
  await need('build the page', process.execPath, [vite, 'build', 'web'], {
    cwd: root,
    env: process.env,
  })
  stampPage(root)
}
