/** Answers of a scripted sandbox: each program returns 5 for the input 4, and each text is read. */

export const execution = {
  outcome: 'returned' as const,
  output: '5',
  canonical: '5',
  error: null,
  literal: true,
  inputCanonical: '4',
  cpuMs: 1,
  peakMemoryBytes: 1,
}
export const literal = async (text: string) => ({
  ok: true as const,
  canonical: text,
  display: text,
})
