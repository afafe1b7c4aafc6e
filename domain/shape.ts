/**
 * The shape of a decoder and values computed from it: parameters, and bytes of keys and values.
 * Pure.
 */
import { z } from 'zod'

const size = z.int().min(1)

export const shapeSchema = z.strictObject({
  layers: size,
  width: size,
  inner: size,
  heads: size,
  keyHeads: size,
  headSize: size,
  vocabulary: size,
  tied: z.boolean(),
})

export type Shape = z.infer<typeof shapeSchema>

/** The matrices of one layer, as [in, out], which LoRA adapts. */
export function matricesOf({ width, inner, heads, keyHeads, headSize }: Shape): [number, number][] {
  const [query, key] = [heads * headSize, keyHeads * headSize]
  return [
    [width, query],
    [width, key],
    [width, key],
    [query, width],
    [width, inner],
    [width, inner],
    [inner, width],
  ]
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)

/** Leaves out biases, which are thousandths of the whole. */
export function parametersOf(shape: Shape): { all: number; head: number; linear: number } {
  const head = shape.vocabulary * shape.width
  const linear = shape.layers * sum(matricesOf(shape).map(([from, to]) => from * to))
  const norms = (2 * shape.layers + 1) * shape.width
  return { all: linear + norms + head * (shape.tied ? 1 : 2), head, linear }
}

export const adapterParameters = (shape: Shape, rank: number) =>
  shape.layers * rank * sum(matricesOf(shape).map(([from, to]) => from + to))

/** Bytes of one token's keys and values. */
export const cacheBytes = ({ layers, keyHeads, headSize }: Shape, bytes: number) =>
  2 * layers * keyHeads * headSize * bytes

/** Reads a Hugging Face config.json; null if its names are not those of a known decoder. */
export function shapeOf(config: Record<string, unknown>): Shape | null {
  const { hidden_size: width, num_attention_heads: heads } = config
  const found = shapeSchema.safeParse({
    layers: config.num_hidden_layers,
    width,
    inner: config.intermediate_size,
    heads,
    keyHeads: config.num_key_value_heads ?? heads,
    headSize: config.head_dim ?? Number(width) / Number(heads),
    vocabulary: config.vocab_size,
    tied: config.tie_word_embeddings ?? false,
  })
  return found.success ? found.data : null
}
