/**
 * A process that exits, or crashes with an exception, resets its connections, as the kernel does for TCP. Otherwise each
 * peer would wait until it gives up. A killed process runs no code, so its peers do wait.
 */

interface Abandoning {
  abandon(): void
}

/** Those that have had connections, until they stop. */
const abandoning = new Set<Abandoning>()

/** Datagrams leave synchronously here: Node hands them to the system at once while its own queue is empty. */
function abandonAll(): void {
  for (const one of abandoning)
    try {
      one.abandon()
    } catch {
      // The process may exit in the middle of a call. The other stacks still reset their connections.
    }
}

export function abandonAtExit(one: Abandoning): void {
  if (abandoning.size === 0) process.on('exit', abandonAll)
  abandoning.add(one)
}

export function spareAtExit(one: Abandoning): void {
  if (abandoning.delete(one) && abandoning.size === 0) process.off('exit', abandonAll)
}
