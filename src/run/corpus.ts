/**
 * Reads the functions below a folder of the user's own code (`propose.corpus`), once, before a run
 * begins. The sandbox's front parses the files. Nothing here runs them.
 */
import { type Dirent, existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { type CorpusCounts, corpusLines } from '../../domain/corpus.ts'
import { TextUnread, UsageError } from '../../domain/errors.ts'
import type { FoundFunction, Sandbox } from '../../domain/execution.ts'
import { hashOf } from '../../domain/hash.ts'
import type { Kinds } from '../../domain/kinds/index.ts'
import { countReasons } from '../../domain/reasons.ts'
import { refuseProgram } from '../../domain/validate.ts'
import { startSandbox } from '../../sandbox/index.ts'
import { openProfile } from '../../sandbox/profiles.ts'
import type { Row } from '../../state/types.ts'
import type { Config } from '../config/config.ts'
import { profileFolder, python } from '../config/paths.ts'

const mostFiles = 20_000
/** Larger files are not opened: the front reads no text of so many characters. */
const mostBytes = 1 << 18
/** Files that are parsed at a time. */
const together = 8

type Program = Row<'corpus_programs'>

export type Corpus = { programs: Program[]; counts: CorpusCounts }

const refuse = (folder: string, why: string) =>
  new UsageError('corpus-unusable', `Cannot use propose.corpus ${folder} as ${why}`)

/** Paths below a folder, in order. Hidden folders, virtual environments and links are left out. */
function* filesBelow(folder: string): Generator<string> {
  let entries: Dirent[]
  try {
    entries = readdirSync(folder, { withFileTypes: true })
  } catch {
    // Counted as a file that cannot be opened.
    yield folder
    return
  }
  if (entries.some(({ name }) => name === 'pyvenv.cfg')) return
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name)
    if (entry.isDirectory() && !entry.name.startsWith('.')) yield* filesBelow(path)
    if (entry.isFile() && entry.name.endsWith('.py')) yield path
  }
}

/** The files of a folder that is named as a corpus. Throws if it cannot be used. */
export function corpusFiles(folder: string, { played, of }: Kinds): string[] {
  if (!existsSync(folder)) throw refuse(folder, 'there is no such folder')
  if (!statSync(folder).isDirectory()) throw refuse(folder, 'it is not a folder')
  if (!played.some(kind => of(kind).from === 'program')) {
    throw refuse(folder, 'no kind in play is proposed from a program: add induction to kinds')
  }
  const files: string[] = []
  for (const path of filesBelow(folder)) {
    files.push(path)
    if (files.length > mostFiles) {
      throw refuse(folder, `it has more than ${mostFiles} files: name a folder below it`)
    }
  }
  if (files.length === 0) throw refuse(folder, 'it has no file that ends in .py')
  return files
}

/** The text of a file, or the reason why it has none. */
function textOf(path: string): { text: string } | { reason: string } {
  try {
    if (statSync(path).size > mostBytes) return { reason: 'too long' }
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path)) }
  } catch (error) {
    return { reason: error instanceof TypeError ? 'not UTF-8' : 'cannot be opened' }
  }
}

type CorpusPorts = { config: Config; sandbox: Pick<Sandbox, 'functionsOf' | 'inspect'> }
type Judged = { path: string; found: FoundFunction; reason: string | null; normalized: string }
type Read = { judged: Judged[] } | { reason: string }

/** Looks at a function as at the program of a proposal, without running it. */
async function judge(
  { config, sandbox }: CorpusPorts,
  path: string,
  found: FoundFunction,
): Promise<Judged> {
  if (found.program === undefined) return { path, found, reason: found.reason, normalized: '' }
  const seen = await sandbox.inspect(found.program)
  if (!seen.ok) return { path, found, reason: seen.error, normalized: '' }
  const reason = refuseProgram(found.program, seen.facts, config.task)
  return { path, found, reason, normalized: seen.facts.normalized }
}

function reasonOf(error: string): string {
  if (error.includes('takes too long')) return 'takes too long to read'
  return error.includes('longer than') ? 'too long' : 'not Python'
}

/** The functions of a file, or the reason why it has none. */
async function readFile(ports: CorpusPorts, path: string): Promise<Read> {
  const file = textOf(path)
  if ('reason' in file) return file
  try {
    const found = await ports.sandbox.functionsOf(file.text, ports.config.task.maxProgramChars)
    if (!found.ok) return { reason: reasonOf(found.error) }
    return { judged: await Promise.all(found.functions.map(one => judge(ports, path, one))) }
  } catch (error) {
    if (error instanceof TextUnread) return { reason: 'not readable' }
    throw error
  }
}

/** The functions of some files that may be programs of tasks. */
export async function functionsIn(
  ports: CorpusPorts,
  folder: string,
  files: readonly string[],
): Promise<Corpus> {
  const read: Read[] = []
  for (let at = 0; at < files.length; at += together) {
    const some = files.slice(at, at + together)
    read.push(...(await Promise.all(some.map(path => readFile(ports, path)))))
  }
  const judged = read.flatMap(one => ('judged' in one ? one.judged : []))
  const unread = read.flatMap(one => ('reason' in one ? one.reason : []))
  const programs = new Map<string, Program>()
  const skipped: string[] = []
  for (const { path, found, reason, normalized } of judged) {
    const hash = hashOf(['corpus', normalized])
    if (reason !== null) skipped.push(reason)
    else if (programs.has(hash)) skipped.push('is there twice')
    else {
      const { name, line, program = '' } = found
      const place = { folder, position: programs.size, file: relative(folder, path) }
      programs.set(hash, { ...place, hash, line, name, program })
    }
  }
  const counts = {
    folder,
    files: files.length,
    functions: judged.length,
    kept: programs.size,
    // Sorted, so that equally frequent reasons are in alphabetical order.
    skipped: countReasons(skipped.toSorted()),
    unread: countReasons(unread.toSorted()),
  }
  return { programs: [...programs.values()], counts }
}

/** Reads a folder in a sandbox of its own. */
export async function readCorpus(config: Config, kinds: Kinds, folder: string): Promise<Corpus> {
  const files = corpusFiles(folder, kinds)
  const profile = await openProfile(config.sandbox.profile, { python, home: profileFolder })
  const sandbox = await startSandbox({ python, workers: 1, profile })
  try {
    const found = await functionsIn({ config, sandbox }, folder, files)
    if (found.programs.length > 0) return found
    const why = corpusLines(found.counts).join(';').replaceAll('  ', ' ')
    throw refuse(folder, `no function in it can be the program of a task (${why})`)
  } finally {
    await sandbox.stop()
  }
}
