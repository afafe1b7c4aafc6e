/**
 * Makes the stored run again, with which `test/run/replay` compares the code: two steps of the
 * preset smoke, without its trace of messages. Use it only for an intended change of behaviour. The
 * README.md next to it then says why, with the name that this prints.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import Database from 'better-sqlite3'
import { root } from '../src/config/paths.ts'

const home = mkdtempSync(join(tmpdir(), 'azr-store-'))
const main = join(root, 'src', 'cli', 'main.ts')
const flags = ['--steps=2', '--evaluate.items=2', '--evaluate.between.items=2', '--no-serve']
const args = [main, 'train', 'smoke', '--run', 'stored', '--home', home, ...flags]
const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' })
if (status !== 0) throw new Error(`The run ended with ${status}`)
const path = join(home, 'stored', 'run.db')
const client = new Database(path)
client.exec('delete from messages; delete from sqlite_sequence')
client.pragma('journal_mode = DELETE')
client.exec('vacuum')
client.close()
const folder = join(root, 'test', 'fixtures', 'stored-run')
const packed = gzipSync(readFileSync(path), { level: 9 })
mkdirSync(folder, { recursive: true })
writeFileSync(join(folder, 'run.db.gz'), packed)
rmSync(home, { recursive: true })
const name = createHash('sha256').update(packed).digest('hex').slice(0, 8)
process.stdout.write(
  `Say in ${join(folder, 'README.md')} that the stored run is now \`${name}\`, and why\n`,
)
