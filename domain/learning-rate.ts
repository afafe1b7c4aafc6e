/** The learning rate of a step. Pure: a resumed or repeated step gets the same rate. */

/** Share of the rate that remains after its decay. */
const floor = 0.1

/**
 * Falls linearly from `rate` in step 1 to a tenth of it in step `decaySteps`. With 0 steps it is
 * constant.
 */
export function rateAt(rate: number, decaySteps: number, step: number): number {
  if (decaySteps === 0) return rate
  const passed = decaySteps === 1 ? 1 : Math.min(1, (step - 1) / (decaySteps - 1))
  return rate * (1 - (1 - floor) * passed)
}
