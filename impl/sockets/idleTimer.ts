/** Calls back when nothing has happened for a while. Implements a socket's `timeout`. */
export class IdleTimer {
  readonly #onIdle: () => void
  #timer: NodeJS.Timeout | undefined

  constructor(onIdle: () => void) {
    this.#onIdle = onIdle
  }

  /** Restarts the timer, ms; 0 means never. It does not keep the process alive. */
  set(timeoutMs: number): void {
    this.stop()
    if (timeoutMs > 0) this.#timer = setTimeout(this.#onIdle, timeoutMs).unref()
  }

  /** Something has happened. */
  refresh(): void {
    this.#timer?.refresh()
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
