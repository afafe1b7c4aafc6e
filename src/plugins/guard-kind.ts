/**
 * Wraps a user's kind: its errors name file and line, its results are checked. Either failure ends
 * the run; no result is made up.
 */
import { z } from 'zod'
import { PluginFailed } from '../../domain/errors.ts'
import type { TaskKind, Tools, Words } from '../../domain/kinds/kind.ts'
import { shown } from '../config/plugin-path.ts'
import { guarded } from './blame.ts'
import type { Plugin } from './plugin.ts'

const texts = z.array(z.string())
const draft = z.object({ program: z.string(), inputs: texts.min(1), message: z.string() })
const reason = z.string().min(1)
const parsed = (value: z.ZodType) =>
  z.union([z.object({ ok: z.literal(true), value }), z.object({ ok: z.literal(false), reason })])
const pair = z.object({ input: z.string(), output: z.string(), canonical: z.string() })
const count = z.int().min(0)
const gives = {
  validate: z.union([
    z.object({ reason }),
    z.object({ normalized: z.string(), pairs: z.array(pair).min(1), identity: texts }),
  ]),
  judge: z.union([
    z.object({ type: z.literal('malformed'), reason }),
    z.object({ type: z.literal('judged'), right: count, count, reason: reason.nullable() }),
  ]),
  answers: z.array(texts).min(1),
  propose: z.string(),
  solve: z.string(),
  readProposal: parsed(draft),
  endProposal: z.object({
    text: z.string().min(1),
    count: z.int().min(1),
    after: z.string().optional(),
  }),
  readAnswer: parsed(z.string()),
}

/** Errors of the tools themselves are not the plug-in's. */
function watched(tools: Tools, thrown: Set<unknown>): Tools {
  const watch =
    <Given extends unknown[], Made>(tool: (...given: Given) => Promise<Made>) =>
    (...given: Given) =>
      tool(...given).catch((error: unknown) => {
        thrown.add(error)
        throw error
      })
  const { inspect, execute, readLiteral, readArguments } = tools
  return {
    inspect: watch(inspect),
    execute: watch(execute),
    readLiteral: watch(readLiteral),
    readArguments: watch(readArguments),
  }
}

type Name = keyof typeof gives

function check<Made>({ path }: Plugin<TaskKind>, name: Name, made: Made): Made {
  const { error } = gives[name].safeParse(made)
  if (!error) return made
  const [issue] = error.issues
  const why = `${issue?.path.join('.')} ${issue?.message}`.trim()
  throw new PluginFailed(
    'plugin-failed',
    `Cannot continue as kind ${shown(path)} returned an invalid value from ${name}: ${why}`,
  )
}

/** Wraps its functions: those without tools, and those with. */
function guards(plugin: Plugin<TaskKind>) {
  return {
    plain<Given extends unknown[], Made>(name: Name, call: (...given: Given) => Made) {
      const ask = guarded(plugin, call)
      return (...given: Given) => check(plugin, name, ask(...given))
    },
    using<Given, Made>(name: Name, call: (given: Given, tools: Tools) => Promise<Made>) {
      const ask = guarded(plugin, async (given: Given, tools: Tools) => call(given, tools))
      return async (given: Given, tools: Tools) => {
        const thrown = new Set<unknown>()
        const made = await ask(given, watched(tools, thrown)).catch(error => {
          throw thrown.has(error.cause) ? error.cause : error
        })
        return check(plugin, name, made)
      }
    },
  }
}

export function guardKind(plugin: Plugin<TaskKind>): TaskKind {
  const { value } = plugin
  const { plain, using } = guards(plugin)
  const wordsOf = (words: Words): Words => {
    const { propose, solve, readProposal, endProposal, readAnswer, zero, stops } = words
    return {
      zero,
      ...(stops && { stops }),
      propose: plain('propose', propose),
      solve: plain('solve', solve),
      readProposal: plain('readProposal', readProposal),
      ...(endProposal && { endProposal: plain('endProposal', endProposal) }),
      ...(readAnswer && { readAnswer: plain('readAnswer', readAnswer) }),
    }
  }
  const { r1, code, micro } = value.words
  return {
    ...value,
    words: {
      ...(r1 && { r1: wordsOf(r1) }),
      ...(code && { code: wordsOf(code) }),
      ...(micro && { micro: wordsOf(micro) }),
    },
    validate: using('validate', value.validate),
    judge: using('judge', value.judge),
    answers: plain('answers', value.answers),
  }
}
