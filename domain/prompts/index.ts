/** The dialects by name, and each as it speaks of the kinds that come with azr. */
import { builtInKinds } from '../kinds/index.ts'
import type { DialectName } from '../kinds/kind.ts'
import { code } from './code.ts'
import { type Dialect, type Form, speak } from './dialect.ts'
import { micro } from './micro.ts'
import { r1 } from './r1.ts'

export const forms: Record<DialectName, Form> = { r1, code, micro }

export const dialects: Record<DialectName, Dialect> = {
  r1: speak(r1, builtInKinds.all),
  code: speak(code, builtInKinds.all),
  micro: speak(micro, builtInKinds.all),
}
