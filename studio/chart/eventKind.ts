import { ALWAYS, type EventKind } from './chart.ts'

const TIMER_WORDS = new Set(['TIMEOUT', 'TIMER', 'EXPIRE', 'EXPIRED', 'RTO', 'RETRANSMIT', 'RETRY', 'GIVEUP'])

const PACKET_WORDS = new Set(
  'SYN SYNACK ACK FIN FINACK RST RSYN RSYNACK NACK DATA PACKET RECEIVE RECEIVED RECV RCV DELIVER'.split(' '),
)

/**
 * What an event's name says of where it comes from: a timer (`TIMEOUT`, `RTO_EXPIRED`), the network (`SYN`,
 * `RCV_RSYN_ACK`), the machine itself (`always`, `xstate.done...`), else the application (`CONNECT`).
 */
export function eventKind(event: string): EventKind {
  if (event === ALWAYS || event.startsWith('xstate.')) return 'automatic'
  const words = event.toUpperCase().split(/[^A-Z]+/)
  if (words.some(word => TIMER_WORDS.has(word))) return 'timer'
  return words.some(word => PACKET_WORDS.has(word)) ? 'packet' : 'application'
}
