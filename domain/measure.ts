/**
 * Measures how complex a program is, and how far it is from another. It reads tokens of the
 * normalised text that `ast.unparse` wrote: no comments, one statement per line. It uses no syntax
 * tree, because only the sandbox parses model text, and it returns none.
 */
import { distance } from 'fastest-levenshtein'

const text = String.raw`[rbfuRBFU]{0,2}(?:'''[\s\S]*?'''|"""[\s\S]*?"""|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")`
const number = String.raw`\.?\d[\w.]*`
const name = String.raw`[\p{L}_][\p{L}\p{N}_]*`
const indent = String.raw`\n *`
const symbol = String.raw`(?:\*\*|\/\/|<<|>>|[-+*\/%&|^@<>=!:])=|\*\*|\/\/|<<|>>|->|[^\s]`
const token = new RegExp(`${text}|${number}|${name}|${indent}|${symbol}`, 'gu')

const operatorWords = new Set(['and', 'or', 'not', 'in', 'is'])
const branchWords = new Set(['if', 'elif', 'for', 'while', 'except', 'and', 'or', 'case', 'assert'])
const otherWords = new Set([
  'def',
  'return',
  'if',
  'elif',
  'else',
  'for',
  'while',
  'break',
  'continue',
  'pass',
  'lambda',
  'class',
  'try',
  'except',
  'finally',
  'raise',
  'with',
  'as',
  'import',
  'from',
  'yield',
  'del',
  'global',
  'nonlocal',
  'assert',
  'async',
  'await',
  'match',
  'case',
])

export function tokensOf(program: string): string[] {
  return program.match(token) ?? []
}

/** Arithmetic, comparisons, bits, assignments that compute; not `=`, brackets or punctuation. */
const isOperator = (word: string) =>
  operatorWords.has(word) || (/^[-+*/%&|^@<>=!~]+$/.test(word) && word !== '=' && word !== '->')
const isOperand = (word: string) =>
  /^[\p{L}\p{N}_'"]|^\.\d/u.test(word) && !operatorWords.has(word) && !otherWords.has(word)

/** Halstead's volume and effort, from the operators and operands of a program. */
export function halstead(words: readonly string[]): { volume: number; effort: number } {
  const [operators, operands] = [words.filter(isOperator), words.filter(isOperand)]
  const [n1, n2] = [new Set(operators).size, new Set(operands).size]
  if (n2 === 0) return { volume: 0, effort: 0 }
  const volume = (operators.length + operands.length) * Math.log2(n1 + n2)
  return { volume, effort: (n1 / 2) * (operands.length / n2) * volume }
}

/**
 * In 0..1, weighted as the published code does: half by Halstead's effort (of 10,000), three
 * tenths by branches (McCabe, of 10), a fifth by Halstead's volume (of 500).
 */
export function complexityOf(program: string): number {
  const words = tokensOf(program)
  const { volume, effort } = halstead(words)
  const branches = 1 + words.filter(word => branchWords.has(word)).length
  const capped = (value: number, most: number) => Math.min(value / most, 1)
  return 0.5 * capped(effort, 10_000) + 0.3 * capped(branches, 10) + 0.2 * capped(volume, 500)
}

/** Tokens to insert, delete or replace, divided by the tokens of the longer program: 0 to 1. */
export function editDistance(a: string, b: string): number {
  const codes = new Map<string, string>()
  const encode = (program: string) =>
    tokensOf(program).map(word => {
      const code = codes.get(word) ?? String.fromCharCode(codes.size + 1)
      codes.set(word, code)
      return code
    })
  const [left, right] = [encode(a), encode(b)]
  const longer = Math.max(left.length, right.length)
  return longer === 0 ? 0 : distance(left.join(''), right.join('')) / longer
}
