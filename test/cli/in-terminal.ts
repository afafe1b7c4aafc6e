/** Runs `azr` on its own terminal, and types the answer when it asks. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { python, root } from '../../src/config/paths.ts'

/** Copies between the terminal and its own descriptors; types the answer after `[y/N] `. */
const host = `
import os, pty, sys
answer, args = sys.argv[1], sys.argv[2:]
asked = False
def read(fd):
    global asked
    data = os.read(fd, 4096)
    if b"[y/N]" in data and not asked:
        asked = True
        os.write(fd, answer.encode() + b"\\n")
    return data
sys.exit(os.waitstatus_to_exitcode(pty.spawn(args, read, lambda fd: b"")))
`

export async function spawnTerminal(args: string[], options: { home: string; answer: string }) {
  const entry = join(root, 'src', 'cli', 'main.ts')
  const env = { ...process.env, AZR_HOME: options.home }
  const words = ['-c', host, options.answer, process.execPath, entry, ...args]
  const child = spawn(python, words, { env, stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.on('data', chunk => {
    text += chunk
  })
  const [code] = await once(child, 'close')
  return { code: code as number, text }
}
