/**
 * Prints an invented task and its answers in the terminal. All of it is model text: each line
 * passes through `plain`, and the number and length of lines are limited.
 */
import type { KindShown } from '../../domain/kinds/index.ts'
import type { AnswerGroup, Sample } from '../../domain/sample.ts'
import { cut, plain } from '../../lib/terminal.ts'

const mostProgramLines = 10
const mostPairs = 4
const mostAnswers = 3

const oneLine = (text: string) => text.replaceAll(/\s*\n\s*/g, ' ⏎ ')

/** The kind's `asks`, filled in. */
function asked(asks: string, { pairs, message }: Sample): string[] {
  const [pair] = pairs
  const shown = pairs.slice(0, mostPairs).map(({ input, output }) => `f(${input}) = ${output}`)
  const words: Record<string, string | undefined> = {
    input: pair?.input,
    output: pair?.output,
    pairs: shown.join(', '),
  }
  const line = asks.replaceAll(/\{(input|output|pairs)\}/g, (_, name) => String(words[name]))
  return [line, ...(message ? [`hint: ${message}`] : [])]
}

function taskLines(sample: Sample, asks: string): string[] {
  const { program } = sample
  const code = program.split('\n')
  const rest = code.length - mostProgramLines
  const more = rest > 0 ? [`… ${rest} more lines`] : []
  return [...code.slice(0, mostProgramLines), ...more, ...asked(asks, sample)]
}

function answerLine({ answer, working, verdict, count }: AnswerGroup): string {
  const times = count > 1 ? ` ×${count}` : ''
  const how = working === null ? '' : `  working ${oneLine(working)}`
  return `${verdict}${times}: ${oneLine(answer)}${how}`
}

/** The best answers, and one that is not right, if any. */
function chosen(answers: readonly AnswerGroup[]): AnswerGroup[] {
  const right = answers.filter(({ verdict }) => verdict === 'correct')
  const others = answers.filter(({ verdict }) => verdict !== 'correct')
  const some = right.slice(0, others.length > 0 ? mostAnswers - 1 : mostAnswers)
  return [...some, ...others.slice(0, mostAnswers - some.length)]
}

/** The kind's name and question (`KindShown`). */
type Words = Pick<KindShown, 'label' | 'asks'>

export function sampleLines(sample: Sample, { label, asks }: Words, width: number): string[] {
  const { step, success_rate: rate, estimates, answers } = sample
  const solved = `solved ${Math.round(rate * estimates)} of ${estimates} times`
  return [
    `  invented at step ${step}: ${label}, ${solved}`,
    ...taskLines(sample, asks).map(line => `    ${line}`),
    ...chosen(answers).map(answer => `    > ${answerLine(answer)}`),
  ].map(line => cut(plain(line), width))
}
