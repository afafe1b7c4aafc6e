/** The dialects by name, with the built-in kinds. */
import { builtInKinds } from '../kinds/index.ts'
import type { DialectName, SolvingContext, TaskKind } from '../kinds/kind.ts'
import type { ReadingSettings } from '../settings.ts'
import { code } from './code.ts'
import { type Dialect, type Form, speak } from './dialect.ts'
import { micro } from './micro.ts'
import { createR1 } from './r1.ts'
import { framedBy, type Template } from './template.ts'

const forms: Record<DialectName, (reading: ReadingSettings) => Form> = {
  r1: createR1,
  code: () => code,
  micro: () => micro,
}

type Speaking = { dialect: DialectName; reading: ReadingSettings; sandbox: SolvingContext }

/** The dialect that a config names, with these kinds. `asked` has the template for suites. */
export function dialectOf(
  { dialect, reading, sandbox }: Speaking,
  kinds: readonly TaskKind[],
  template?: Template,
): Dialect {
  const form = forms[dialect](reading)
  const isAsked = template !== undefined && dialect === 'r1'
  const frame = isAsked ? framedBy(template, reading.think) : form.frame
  return speak({ ...form, frame }, kinds, sandbox)
}

/** The embedded model's dialect, with the built-in kinds. */
export const microDialect = speak(micro, builtInKinds.all, { timeoutMs: 1000 })
