/** Runs one request at a time. All calls during a request cause one more request after it. */
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
