/** Loads a user's kind of task (`kinds: [deduction, ./my/kind.ts]`), and checks its form. */
import { z } from 'zod'
import { builtInNames } from '../../domain/kinds/index.ts'
import type { TaskKind } from '../../domain/kinds/kind.ts'
import { guardKind } from './guard-kind.ts'
import { loadPlugin } from './load.ts'
import type { Plugin } from './plugin.ts'

const color = z.string().regex(/^#[0-9a-f]{6}$/, 'is not a colour such as #2460a7')
const call = z.custom(value => typeof value === 'function', 'is not a function')
const texts = z.array(z.string())
const draft = z.object({ program: z.string(), inputs: texts.min(1), message: z.string() })
/** Names that figures over all kinds use. */
const reserved = ['all', 'mean']

const words = z.object({
  zero: draft.extend({ original: z.string().optional() }),
  propose: call,
  solve: call,
  readProposal: call,
  endProposal: call.optional(),
  stops: z.object({ proposal: texts.optional(), answer: texts.optional() }).optional(),
  readAnswer: call.optional(),
})

const schema = z.object({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,31}$/, 'has to consist of small letters, digits and dashes')
    .refine(name => ![...builtInNames, ...reserved].includes(name), 'is taken'),
  label: z.string().min(1).max(32),
  asks: z.string().min(1).max(200),
  colors: z.object({ light: color, dark: color }),
  from: z.enum(['references', 'program']),
  givesPrograms: z.boolean(),
  writesProgram: z.boolean(),
  shownShare: z.number().min(0).max(1),
  instances: z.enum(['given', 'taken']).optional(),
  words: z.object({ r1: words.optional(), code: words.optional(), micro: words.optional() }),
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

export async function loadKind(path: string): Promise<Plugin<TaskKind>> {
  const plugin = await loadPlugin(path, 'kind', checkKind)
  return { ...plugin, value: guardKind(plugin) }
}
