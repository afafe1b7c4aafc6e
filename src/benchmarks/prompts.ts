/**
 * How the benchmarks' questions are put to a language model: the r1 dialect's frame around them, so
 * that what self-play taught is what is asked for. Scores under other templates are other scores.
 */
import { frame } from '../../domain/prompts/r1.ts'
import { fence } from '../../domain/prompts/r1-propose.ts'

/** Goes up with every change of a text here: stored with each evaluation. */
export const templateVersion = 1

const answered = 'Put all of the code, with its imports, in a fence tagged python.'

export const functionPrompt = (prompt: string) =>
  frame(
    `Write the Python function that is described here. ${answered}\n\n${fence('python', prompt.trim())}`,
  )

export function contestPrompt(question: string, starter: string): string {
  const how = starter.trim()
    ? `Begin with this code and keep its names.\n\n${fence('python', starter.trimEnd())}`
    : 'The program reads standard input and prints to standard output.'
  return frame(`Write a Python program that solves this problem. ${answered} ${how}\n\n${question}`)
}

export const mathPrompt = (problem: string) =>
  frame(`${problem}\n\nPut the final answer, and nothing else, inside \\boxed{}.`)
