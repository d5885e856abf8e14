/** Reports what becomes of a host's connection to its controllers. */
import type { EventEmitter } from 'node:events'
import { Latest } from '../../checker/text/latest.ts'

/** The time without an answer after which the command says that it still waits, ms. */
const SILENT_MS = 3000
/** Different refusals that are reported once each until a service is registered: a host seldom has more services. */
const MOST_SAID = 256
/** A controller that refuses with one of these has ended the connection, and does so each time. */
const TURNED_AWAY: ReadonlySet<string | undefined> = new Set(['CONTROLLER_TLS', 'CONTROLLER_TOKEN'])

/** A refusal, as an agent emits it. */
interface Refusal {
  readonly code?: string
  readonly message: string
}

/**
 * Says when `agent` finds or loses a controller, and what a controller refuses. Says each refusal once; a host that is turned away
 * tries again and again, and says no more about it.
 */
export function tellPlane(
  agent: EventEmitter,
  controllers: readonly string[],
  say: (text: string, level?: 'warning') => void,
): void {
  const waits = (): void => say(`no controller answers yet at ${controllers.join(', ')}; retrying`, 'warning')
  const timer = setTimeout(waits, SILENT_MS).unref()
  const said = new Latest<string, true>(MOST_SAID)
  let isTurnedAway = false
  agent.on('connected', (address: string) => {
    clearTimeout(timer)
    if (!isTurnedAway) say(`controller at ${address}`)
    isTurnedAway = false
  })
  agent.on('lost', () => {
    if (!isTurnedAway) say('the controller is gone; looking for another', 'warning')
  })
  agent.on('registered', () => said.clear())
  agent.on('refused', ({ code, message }: Refusal) => {
    if (TURNED_AWAY.has(code)) isTurnedAway = true
    if (!said.has(message)) say(`the controller refuses: ${message}`, 'warning')
    said.set(message, true)
  })
}
