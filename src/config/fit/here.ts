/** Compares a config with this machine's card or processor. It reads only the model's shape. */
import { UsageError } from '../../../domain/errors.ts'
import type { Shape } from '../../../domain/shape.ts'
import type { Card } from '../cards.ts'
import type { Config } from '../config.ts'
import { findModel, shapeIn } from '../model.ts'
import { type Fit, fitOf } from './index.ts'
import type { Device } from './memory.ts'
import { cards, type Hardware, processorOf } from './time.ts'

export type Place = {
  cores: number
  memoryBytes: number
  /** The card that limits the run; null if there is none. */
  card: Card | null
}

/** The shape in the preset, or else in the model's folder. */
export function findShape({ model }: Config): Shape {
  if (model.shape) return model.shape
  const found = shapeIn(findModel(model.path))
  if (found) return found
  throw new UsageError(
    'model-unsuitable',
    `Cannot plan for ${model.path} as its config.json has a shape that azr does not know`,
  )
}

/** The device on which engine and learner compute. */
export function deviceOf({ engine, trainer }: Config): Device {
  const isCpu = engine.kind === 'embedded' || engine.device === 'cpu' || trainer.device === 'cpu'
  return isCpu ? 'cpu' : 'cuda'
}

/** Estimates a card's speed as that of the listed card with the most similar memory. */
function cardLike({ name, totalBytes: memoryBytes, freeBytes }: Card): Hardware {
  const far = (card: Hardware) => Math.abs(card.memoryBytes - memoryBytes)
  const [nearest] = Object.values(cards).toSorted((a, b) => far(a) - far(b)) as [Hardware]
  return { ...nearest, name, memoryBytes, freeBytes }
}

/**
 * The fit on the processor, or on this machine's card, or on the smallest listed card that fits.
 */
export function fitOn(config: Config, { cores, memoryBytes, card }: Place): Fit {
  const shape = findShape(config)
  const device = deviceOf(config)
  const on = (hardware: Hardware) => fitOf(config, shape, { hardware, device })
  if (device === 'cpu') return on(processorOf(cores, memoryBytes))
  if (card !== null) return on(cardLike(card))
  const all = Object.values(cards).map(on)
  return all.find(({ fits }) => fits) ?? (all.at(-1) as Fit)
}
