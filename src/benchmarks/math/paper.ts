/**
 * Extracts the answer as the paper's pipeline does under its own templates (`extract_azr_answer`),
 * including its mistakes. Only for `paperVerdict`.
 */
import { answerBlock } from '../extract.ts'
import { stripAnswer } from './strip.ts'

/** The last box with its wrapper. Escaped braces count like others. */
function lastBox(text: string): string {
  if (text.includes('\\boxed ')) {
    return `\\boxed ${(text.split('\\boxed ').at(-1) as string).split('$')[0]}`
  }
  const open = text.lastIndexOf('\\boxed')
  const from = open < 0 ? text.lastIndexOf('\\fbox') : open
  let depth = 0
  for (let at = from < 0 ? text.length : from; at < text.length; at++) {
    if (text[at] === '{') depth++
    if (text[at] === '}' && --depth === 0) return text.slice(from, at + 1)
  }
  return ''
}

function found(completion: string): string {
  if (completion.includes('<answer>')) {
    const inside = answerBlock(completion).trim()
    return inside.includes('boxed') ? lastBox(inside) : inside
  }
  if (completion.includes('boxed')) return lastBox(completion)
  return /\\\[(.*?)\\\]/.exec(completion)?.[1] ?? ''
}

export const paperAnswer = (completion: string, keepsUnits: boolean): string =>
  stripAnswer(found(completion), keepsUnits)
