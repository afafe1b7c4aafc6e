/** The dialects by name. */
import type { Dialect } from './dialect.ts'
import { micro } from './micro.ts'
import { r1 } from './r1.ts'

export const dialects: Record<Dialect['name'], Dialect> = { r1, micro }
