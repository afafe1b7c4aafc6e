/**
 * Finds runs of n tokens that a run's programs share with a benchmark's items. `words` compares
 * them as written. `shape` replaces every name that is not Python's own, so that renaming hides
 * nothing. Comments, docstrings and the width of indents do not count. Pure; it runs nothing.
 */
import { tokensOf } from '../../../domain/measure.ts'

const isText = (token: string) => /^[rbfu]{0,2}['"]/i.test(token)

/** Tokens of a program without comments and docstrings. */
export function codeTokens(program: string): string[] {
  const kept: string[] = []
  let isComment = false
  for (const token of tokensOf(program)) {
    const isLine = token.startsWith('\n')
    if (isLine) isComment = false
    else if (token === '#') isComment = true
    if (isComment) continue
    const last = kept.at(-1) ?? '\n'
    if (isLine ? last !== '\n' : !(isText(token) && last === '\n')) kept.push(isLine ? '\n' : token)
  }
  if (kept.at(-1) === '\n') kept.pop()
  return kept
}

const pythons = new Set([
  ...'def return if elif else for while in not and or is break continue pass lambda'.split(' '),
  ...'try except None True False with len range sum min max sorted list dict set'.split(' '),
  ...'tuple str int float abs enumerate zip map filter all any append join split'.split(' '),
])

const shapeOf = (tokens: readonly string[]) =>
  tokens.map(token =>
    /^[\p{L}_]/u.test(token) && !isText(token) && !pythons.has(token) ? '_' : token,
  )

/** Words of a text that is not a program. */
export const proseTokens = (text: string) => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []

export function gramsOf(tokens: readonly string[], n: number): Set<string> {
  const count = Math.max(0, tokens.length - n + 1)
  return new Set(Array.from({ length: count }, (_, i) => tokens.slice(i, i + n).join(' ')))
}

export type Item = { id: string; tokens: string[] }
export type Program = { id: string; text: string }
/** The program that shares most with an item: the share of the item's token runs that it has. */
export type Overlap = { item: string; task: string; share: number }

type View = (tokens: readonly string[]) => readonly string[]

/** For each item that shares a token run with any program, the program that shares most. */
function overlapsIn(items: readonly Item[], programs: readonly Item[], n: number, view: View) {
  const sizes = items.map(({ tokens }) => gramsOf(view(tokens), n))
  const owners = new Map<string, number[]>()
  sizes.forEach((grams, at) => {
    for (const gram of grams) owners.set(gram, [...(owners.get(gram) ?? []), at])
  })
  const best = new Map<number, Overlap>()
  for (const { id, tokens } of programs) {
    const shared = new Map<number, number>()
    for (const gram of gramsOf(view(tokens), n)) {
      for (const at of owners.get(gram) ?? []) shared.set(at, (shared.get(at) ?? 0) + 1)
    }
    for (const [at, count] of shared) {
      const share = count / (sizes[at] as Set<string>).size
      if (share > (best.get(at)?.share ?? 0)) {
        best.set(at, { item: (items[at] as Item).id, task: id, share })
      }
    }
  }
  return [...best.values()].sort((a, b) => b.share - a.share)
}

export type TextOverlap = {
  items: number
  /** Items with at least n tokens. */
  comparable: number
  words: Overlap[]
  shape: Overlap[]
}

/** `isCode` says whether the items are programs, whose names can be replaced. */
export function textOverlap(
  items: readonly Item[],
  programs: readonly Program[],
  { ngram, isCode }: { ngram: number; isCode: boolean },
): TextOverlap {
  const read = isCode ? codeTokens : proseTokens
  const theirs = programs.map(({ id, text }) => ({ id, tokens: read(text) }))
  return {
    items: items.length,
    comparable: items.filter(({ tokens }) => tokens.length >= ngram).length,
    words: overlapsIn(items, theirs, ngram, tokens => tokens),
    shape: isCode ? overlapsIn(items, theirs, ngram, shapeOf) : [],
  }
}
