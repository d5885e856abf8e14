/** Calls back when nothing has happened for a while: what a socket's `timeout` is made of. */
export class IdleTimer {
  readonly #onIdle: () => void
  #timer: NodeJS.Timeout | undefined

  constructor(onIdle: () => void) {
    this.#onIdle = onIdle
  }

  /** Begins anew, ms; 0 is never. It does not keep the process alive. */
  set(timeoutMs: number): void {
    this.stop()
    if (timeoutMs > 0) this.#timer = setTimeout(this.#onIdle, timeoutMs).unref()
  }

  /** Something happened. */
  refresh(): void {
    this.#timer?.refresh()
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
