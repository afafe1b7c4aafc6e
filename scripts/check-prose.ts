/**
 * Checks our prose: lines over 100 columns, sentences over 40 words, and phrases that we have
 * outgrown. It reads Markdown, comments, and texts that users see (errors, help, the page).
 * `check-prose.ts [FILE]…` prints `file:line: fault` and exits 1 if there is any.
 * It does not check grammar or spelling. The rules are in docs/contributing/writing.md.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../src/config/paths.ts'
import { openings, type Phrase, phrases } from './prose/phrases.ts'
import { longLines, type Prose, proseOf, sentencesOf } from './prose/texts.ts'

export type Fault = { file: string; line: number; fault: string }

const mostColumns = 100
const mostWords = 40
const tooLong = `more than ${mostColumns} columns: wrap it`

/** It quotes bad prose on purpose, so that only its lines are checked. */
const quotes = /^docs\/contributing\/writing\.md$/

/** Files by others, and generated files. */
const skipped = [
  /^test\/fixtures\//,
  /^test\/neighbours\/.*\.py$/,
  /^test\/scripts\/prose\.test\.ts$/,
  /^models\//,
  /^research\/learning\//,
  /^state\/migrations\//,
]

export function proseFiles(): string[] {
  const kinds = ['*.md', '*.ts', '*.tsx', '*.py']
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', ...kinds], {
    cwd: root,
    encoding: 'utf8',
  })
  return listed
    .split('\n')
    .filter(file => file !== '' && !skipped.some(pattern => pattern.test(file)))
    .filter(file => existsSync(join(root, file)))
}

/** The line of a text in which a match begins. */
const lineOf = ({ line, text }: Prose, at: number) =>
  line + text.slice(0, at).split('\n').length - 1

function phraseFaults(prose: Prose): Omit<Fault, 'file'>[] {
  // Code keeps its length, so that positions stay the same.
  const text = prose.text.replace(/`[^`]*`/g, code => code.replace(/[^\n]/g, '_'))
  const wanted: Phrase[] = prose.kind === 'comment' ? [...phrases, ...openings] : phrases
  return wanted.flatMap(({ pattern, instead }) => {
    const found = pattern.exec(text.replaceAll('\n', ' '))
    if (!found) return []
    const line = lineOf(prose, found.index)
    return [{ line, fault: `"${found[0].trim()}": write ${instead}` }]
  })
}

/** Words of a sentence, without code: a list of names is easy to read. */
const lengthOf = (sentence: string) =>
  sentence.split(' ').filter(word => !word.includes('CODE')).length

export function faultsIn(file: string, source: string): Fault[] {
  const long = longLines(file, source, mostColumns)
  if (quotes.test(file)) return long.map(line => ({ file, line, fault: tooLong }))
  const faults = proseOf(file, source).flatMap(prose => {
    const isShown = prose.kind === 'shown'
    const sentences = isShown ? [] : sentencesOf(prose.text)
    const heavy = sentences.find(text => lengthOf(text) > mostWords)
    const words = heavy?.split(' ') ?? []
    const fault = `${lengthOf(heavy ?? '')} words in a sentence, at most ${mostWords}: "${words.slice(0, 6).join(' ')} …"`
    return [...phraseFaults(prose), ...(heavy ? [{ line: prose.line, fault }] : [])]
  })
  const columns = long.map(line => ({ line, fault: tooLong }))
  return [...columns, ...faults]
    .sort((a, b) => a.line - b.line)
    .map(({ line, fault }) => ({ file, line, fault }))
}

export const proseFaults = (files: readonly string[]): Fault[] =>
  files.flatMap(file => faultsIn(file, readFileSync(join(root, file), 'utf8')))

if (import.meta.main) {
  const given = process.argv.slice(2)
  const faults = proseFaults(given.length > 0 ? given : proseFiles())
  for (const { file, line, fault } of faults) process.stdout.write(`${file}:${line}: ${fault}\n`)
  process.exitCode = faults.length > 0 ? 1 : 0
}
