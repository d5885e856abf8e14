/** A simulated process: it may be stopped, as by SIGSTOP, or killed, and its clock may be wrong. */

/** The most datagrams that wait for a stopped process. A socket's buffer holds about as many, and the system drops the rest. */
const HELD_LIMIT = 1000

export class Process {
  readonly name: string
  /** What its clock shows beyond the real time, ms. Its timers are monotonic, as Node's are. */
  skewMs = 0
  #state: 'running' | 'stopped' | 'dead' = 'running'
  #held: (() => void)[] = []

  constructor(name: string) {
    this.name = name
  }

  get isRunning(): boolean {
    return this.#state === 'running'
  }

  get isDead(): boolean {
    return this.#state === 'dead'
  }

  /** Runs it now, after the process continues, or never. */
  run(work: () => void): void {
    if (this.#state === 'running') work()
    else if (this.#state === 'stopped' && this.#held.length < HELD_LIMIT) this.#held.push(work)
  }

  stop(): void {
    if (this.#state === 'running') this.#state = 'stopped'
  }

  /** Returns what the process missed. */
  continue(): readonly (() => void)[] {
    if (this.#state !== 'stopped') return []
    this.#state = 'running'
    return this.#held.splice(0)
  }

  kill(): void {
    this.#state = 'dead'
    this.#held = []
  }
}
