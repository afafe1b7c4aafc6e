/** One question at a time: what is asked for while another is under way is asked once, after it. */
export function inTurn(ask: () => Promise<void>): () => void {
  let [isAsking, isWanted] = [false, false]
  const start = async () => {
    isWanted = true
    if (isAsking) return
    isAsking = true
    while (isWanted) {
      isWanted = false
      await ask()
    }
    isAsking = false
  }
  return () => void start()
}
