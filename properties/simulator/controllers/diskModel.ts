/** A model of a disk with one journal: written lines survive its process, unfinished ones may not, and it may be full. */
import { RegistryError } from '../../../impl/controller/registry/errors.ts'
import type { IsCurrent, JournalFile } from '../../../impl/controller/registry/journal.ts'
import type { Disk } from '../../../impl/controller/registry/memory.ts'
import type { Process } from './process.ts'
import type { VirtualTime } from './virtualTime.ts'

/** How long a write takes, ms. */
const WRITE_MS = 2

export class DiskModel implements Disk {
  isFull = false
  readonly #time: VirtualTime
  readonly #lines: string[] = []
  #holder: Process | undefined

  constructor(time: VirtualTime) {
    this.#time = time
  }

  /** The journal is deleted. */
  clear(): void {
    this.#lines.length = 0
  }

  readonly lock = async () => {
    const own = this.#time.current
    if (this.#holder !== undefined && !this.#holder.isDead && this.#holder !== own)
      throw new RegistryError('REGISTRY_IN_USE', 'another process has the journal; end it')
    this.#holder = own
    return {
      release: () => {
        if (this.#holder === own) this.#holder = undefined
      },
    }
  }

  readonly open = async (_: string, isCurrent: IsCurrent) => {
    const write = (change: () => void): Promise<void> =>
      new Promise((resolve, reject) =>
        setTimeout(() => {
          if (this.isFull) {
            reject(
              new RegistryError('REGISTRY_FILE', 'the journal cannot be written (ENOSPC); free some space'),
            )
            return
          }
          change()
          resolve()
        }, WRITE_MS),
      )
    const lines = this.#lines
    const journal: JournalFile = {
      get length() {
        return lines.length
      },
      add: text => write(() => lines.push(text)),
      compact: () => write(() => lines.splice(0, lines.length, ...lines.filter(isCurrent))),
      close: async () => {},
    }
    return { journal, lines: [...lines] }
  }
}
