/** Finds services of this user on this machine, for commands that connect to many. */
import { Latest } from '../../checker/text/latest.ts'
import { socketError } from '../../impl/sockets/errors.ts'

/** How long an answer counts, ms. Each question goes to every running stack of the user. */
const FRESH_MS = 1000

/** Services whose answers are kept. */
const KEPT_LIMIT = 1024

export class Locator {
  readonly #find: (service: string) => Promise<string | undefined>
  readonly #now: () => number
  readonly #answers = new Latest<
    string,
    { readonly untilMs: number; readonly address: Promise<string | undefined> }
  >(KEPT_LIMIT)

  /** `find` returns the address of a service, or undefined; `now` is a clock in ms. */
  constructor(find: (service: string) => Promise<string | undefined>, now: () => number) {
    this.#find = find
    this.#now = now
  }

  /** Resolves with the address of a service. Rejects with ENOTFOUND, and what `find` rejects with. */
  async locate(service: string): Promise<string> {
    const address = await this.#ask(service)
    if (address !== undefined) return address
    throw socketError('ENOTFOUND', 'connect', {
      service,
      sentence: 'no process of yours on this machine offers it; give --via or --controller',
    })
  }

  #ask(service: string): Promise<string | undefined> {
    const nowMs = this.#now()
    const known = this.#answers.get(service)
    if (known !== undefined && nowMs < known.untilMs) return known.address
    const address = this.#find(service)
    this.#answers.set(service, { untilMs: nowMs + FRESH_MS, address })
    return address
  }
}
