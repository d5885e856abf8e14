/**
 * Takes units in this process: each list in its order, up to its first violation, and up to `lanes` lists at a time. Tells
 * `take` the number of the lane. Resolves to what `finish` returns for each list that was begun. Rejects with what `take`
 * rejects with.
 */
export async function takeHere<Unit, Reply extends { readonly violation?: unknown }, Result>(
  lists: readonly (readonly Unit[])[],
  signal: AbortSignal,
  take: (unit: Unit, before: readonly Reply[], lane: number) => Promise<Reply>,
  finish: (replies: readonly Reply[], list: number) => Result,
  lanes = 1,
): Promise<Result[]> {
  const results: Result[] = []
  const waiting = lists.entries()
  const run = async (lane: number) => {
    for (const [number, units] of waiting) {
      if (signal.aborted) return
      const replies: Reply[] = []
      for (const unit of units) {
        const reply = await take(unit, replies, lane)
        replies.push(reply)
        if (reply.violation !== undefined || signal.aborted) break
      }
      results[number] = finish(replies, number)
    }
  }
  await Promise.all(Array.from({ length: lanes }, (_, lane) => run(lane)))
  return results
}
