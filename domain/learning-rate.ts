/** The learning rate of a step. Pure: a resumed or repeated step gets the rate that it had. */

/** Share of the rate that is left at the end of its fall. */
const floor = 0.1

/** Falls linearly from `rate` in step 1 to a tenth of it in step `decaySteps`; 0 steps: constant. */
export function rateAt(rate: number, decaySteps: number, step: number): number {
  if (decaySteps === 0) return rate
  const passed = decaySteps === 1 ? 1 : Math.min(1, (step - 1) / (decaySteps - 1))
  return rate * (1 - (1 - floor) * passed)
}
