/**
 * Takes units in this process: each list in its order, up to its first violation. Resolves to what `finish` returns for
 * each list that was begun. Rejects with what `take` rejects with.
 */
export async function takeHere<Unit, Reply extends { readonly violation?: unknown }, Result>(
  lists: readonly (readonly Unit[])[],
  signal: AbortSignal,
  take: (unit: Unit, before: readonly Reply[]) => Promise<Reply>,
  finish: (replies: readonly Reply[], list: number) => Result,
): Promise<Result[]> {
  const results: Result[] = []
  for (const [number, units] of lists.entries()) {
    if (signal.aborted) break
    const replies: Reply[] = []
    for (const unit of units) {
      const reply = await take(unit, replies)
      replies.push(reply)
      if (reply.violation !== undefined || signal.aborted) break
    }
    results.push(finish(replies, number))
  }
  return results
}
