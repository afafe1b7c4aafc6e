/**
 * A kind of task of the user's (`kinds: [deduction, ./my/kind.ts]`): what it has to be, and how it is
 * asked. Its functions name file and line where they throw, and what they may not give.
 */
import { z } from 'zod'
import { PluginFailed } from '../../domain/errors.ts'
import { builtInNames } from '../../domain/kinds/index.ts'
import type { TaskKind, Tools, Words } from '../../domain/kinds/kind.ts'
import { guarded } from './blame.ts'
import { loadPlugin, type Plugin } from './load.ts'
import { shown } from './path.ts'

const color = z.string().regex(/^#[0-9a-f]{6}$/, 'is no colour such as #2460a7')
const call = z.custom(value => typeof value === 'function', 'is no function')
const texts = z.array(z.string())
const draft = z.object({ program: z.string(), inputs: texts.min(1), message: z.string() })
/** Names of figures over all kinds. */
const reserved = ['all', 'mean']

const words = z.object({
  zero: draft.extend({ original: z.string().optional() }),
  propose: call,
  solve: call,
  readProposal: call,
  readAnswer: call.optional(),
})

const schema = z.object({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,31}$/, 'is made of small letters, digits and dashes')
    .refine(name => ![...builtInNames, ...reserved].includes(name), 'is taken'),
  label: z.string().min(1).max(32),
  asks: z.string().min(1).max(200),
  colors: z.object({ light: color, dark: color }),
  from: z.enum(['references', 'program']),
  givesPrograms: z.boolean(),
  writesProgram: z.boolean(),
  shownShare: z.number().min(0).max(1),
  instances: z.enum(['given', 'taken']).optional(),
  words: z.object({ r1: words.optional(), micro: words.optional() }),
  validate: call,
  judge: call,
  answers: call,
})

const issueOf = ({ issues: [issue] }: z.ZodError) => `${issue?.path.join('.')} ${issue?.message}`

function checkKind(value: unknown): TaskKind {
  const { error } = schema.safeParse(value)
  if (error) throw new Error(`its default export's ${issueOf(error)}`)
  return value as TaskKind
}

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
  readAnswer: parsed(z.string()),
}

/** What the tools themselves throw is no fault of the plug-in. */
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

/** The kind with all that it does guarded. */
function guard(plugin: Plugin<TaskKind>): TaskKind {
  const { value, path } = plugin
  const check = <Made>(name: keyof typeof gives, made: Made): Made => {
    const { error } = gives[name].safeParse(made)
    if (!error) return made
    const why = `gave from ${name} what it may not: ${issueOf(error)}`
    throw new PluginFailed(`Cannot go on as kind ${shown(path)} ${why}`)
  }
  const plain = <Given extends unknown[], Made>(
    name: keyof typeof gives,
    call: (...given: Given) => Made,
  ) => {
    const ask = guarded(plugin, call)
    return (...given: Given) => check(name, ask(...given))
  }
  const using = <Given, Made>(
    name: keyof typeof gives,
    call: (given: Given, tools: Tools) => Promise<Made>,
  ) => {
    const ask = guarded(plugin, async (given: Given, tools: Tools) => call(given, tools))
    return async (given: Given, tools: Tools) => {
      const thrown = new Set<unknown>()
      const made = await ask(given, watched(tools, thrown)).catch(error => {
        throw thrown.has(error.cause) ? error.cause : error
      })
      return check(name, made)
    }
  }
  const wordsOf = ({ propose, solve, readProposal, readAnswer, zero }: Words): Words => ({
    zero,
    propose: plain('propose', propose),
    solve: plain('solve', solve),
    readProposal: plain('readProposal', readProposal),
    ...(readAnswer && { readAnswer: plain('readAnswer', readAnswer) }),
  })
  const { r1, micro } = value.words
  return {
    ...value,
    words: { ...(r1 && { r1: wordsOf(r1) }), ...(micro && { micro: wordsOf(micro) }) },
    validate: using('validate', value.validate),
    judge: using('judge', value.judge),
    answers: plain('answers', value.answers),
  }
}

export async function loadKind(path: string): Promise<Plugin<TaskKind>> {
  const plugin = await loadPlugin(path, 'kind', checkKind)
  return { ...plugin, value: guard(plugin) }
}
