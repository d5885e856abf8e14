/** Packets of a running stack into a file that Wireshark reads, from now until it is stopped. */
import { createWriteStream, openSync, type WriteStream } from 'node:fs'
import { captureBlocks, captureHeader } from '../../link/pcapng.ts'
import type { Tap } from '../../link/tap.ts'
import { realNow } from '../driver.ts'
import { ControlError } from './errors.ts'
import type { Captured } from './methods.ts'

/** Bytes that wait for the disk. What comes then is left out and counted: the stack does not wait. */
const WAITING_LIMIT = 16 * 2 ** 20

/** Packets are nobody else's business. */
const FILE_MODE = 0o600

export class CaptureFile {
  readonly #taps: Set<Tap>
  readonly #path: string
  readonly #file: WriteStream
  #failure: Error | undefined
  #packets = 0
  #bytes = 0
  #lost = 0

  /** Begins at once, over what was in the file. Throws CONTROL_CAPTURE. */
  constructor(taps: Set<Tap>, path: string) {
    this.#taps = taps
    this.#path = path
    try {
      this.#file = createWriteStream(path, { fd: openSync(path, 'w', FILE_MODE) })
    } catch (error) {
      throw this.#failed(error)
    }
    this.#file.on('error', error => {
      this.#failure = error
      taps.delete(this.#tap)
    })
    this.#file.write(captureHeader())
    taps.add(this.#tap)
  }

  state(): Captured {
    return { packets: this.#packets, bytes: this.#bytes, lost: this.#lost }
  }

  /** Resolves when all is in the file. Rejects with CONTROL_CAPTURE. */
  async stop(): Promise<Captured> {
    this.#taps.delete(this.#tap)
    await new Promise<void>(resolve => this.#file.once('close', resolve).end())
    if (this.#failure !== undefined) throw this.#failed(this.#failure)
    return this.state()
  }

  readonly #tap: Tap = (batch, direction) => {
    if (this.#file.writableLength > WAITING_LIMIT) {
      this.#lost += batch.length
      return
    }
    const blocks = captureBlocks(batch, direction, realNow())
    this.#packets += batch.length
    this.#bytes += blocks.length
    this.#file.write(blocks)
  }

  #failed(error: unknown): ControlError {
    const code = (error as NodeJS.ErrnoException).code ?? String(error)
    return new ControlError('CONTROL_CAPTURE', `${this.#path} cannot be written (${code}); name another file`)
  }
}
