/** Makes a knob from a zod type, its default and its reason. The knobs are in config.ts. */
import { z } from 'zod'

/** Marks a knob that changes how a run is carried out but never its results. */
export const operational = z.registry<{ operational: true }>()

/**
 * Marks a knob that may name a user's file (src/plugins). A relative path starts at the folder of
 * the YAML file, or at the current folder if it is a flag. The parsed config has absolute paths.
 */
export const pluggable = z.registry<{ pluggable: true }>()

export const count = z.int().min(0)
export const positive = z.int().min(1)
/** Answers to one prompt. Their seeds count up from one, which leaves room for this many. */
export const answers = z.int().min(1).max(256)
export const share = z.number().min(0).max(1)
/** Cards of this machine, each once. */
export const cards = z
  .array(count)
  .min(1)
  .refine(list => new Set(list).size === list.length, 'a card is named twice')
  .nullable()
  .default(null)
export const seconds = z.number().positive()

export function knob<T extends z.ZodType>(schema: T, why: string): T {
  return schema.describe(why) as T
}

export function operate<T extends z.ZodType>(schema: T, why: string): T {
  const described = knob(schema, `${why} Operational: may differ when a run is resumed.`)
  operational.add(described as z.ZodType, { operational: true })
  return described
}

export function plug<T extends z.ZodType>(schema: T, why: string): T {
  const described = knob(schema, why)
  pluggable.add(described as z.ZodType, { pluggable: true })
  return described
}

export const section = <T extends z.ZodRawShape>(shape: T) =>
  z.strictObject(shape).prefault({} as never)
