/** The parts that the prompts of all families share. Each family's folder has its own prompts. */

/** Increases with every change of a benchmark's prompt. It is stored with each evaluation. */
export const templateVersion = 1

export const codeWanted = 'Put all of the code, with its imports, in a fence tagged python.'
