/**
 * Typical texts of each dialect, in tokens. `code` and `micro` were measured in runs of
 * smollm2-135m and micro. `r1` was counted on prompts around the published seeds (630 and 165 in
 * common, 1,300 and 400 in all), and its answers are an estimate.
 */
import type { DialectName } from '../../../domain/kinds/kind.ts'

export type Lengths = {
  /** The beginning that all prompts of a kind and role have in common. */
  head: number
  /** A prompt with its beginning. */
  prompt: number
  /** A completion. */
  text: number
}

type Typical = {
  propose: Lengths
  solve: Lengths
  /** The share of proposals that are valid. */
  valid: number
}

export const typicalOf: Record<DialectName, Typical> = {
  // The valid share depends on the model. The plan counts what a step costs at most.
  r1: {
    propose: { head: 630, prompt: 1300, text: 500 },
    solve: { head: 165, prompt: 400, text: 500 },
    valid: 1,
  },
  code: {
    propose: { head: 250, prompt: 300, text: 38 },
    solve: { head: 240, prompt: 300, text: 17 },
    valid: 0.4,
  },
  micro: {
    propose: { head: 0, prompt: 20, text: 33 },
    solve: { head: 0, prompt: 30, text: 16 },
    valid: 0.8,
  },
}

/** The longest of many texts, as a multiple of their mean: an estimate. */
export const longestOverMean = 4
