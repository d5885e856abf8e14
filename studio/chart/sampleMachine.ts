import { and, assign, not, setup, stateIn } from 'xstate'

/**
 * A machine of the size and shape that the printers are made for: TCP's states beside a migration region. A fixture
 * of the tests, no protocol: nothing here is checked or run.
 */

type Registers = { sndNxt: number; sndUna: number; rcvNxt: number; tries: number; peer: number }
type Packet = { type: string; verno: number; ackno: number; nonce: number; from: number }
type Sent = { kind: string; verno?: number; to?: number }

const rto = { type: 'arm' as const, params: { timer: 'rto' } }
const disarm = { type: 'disarm' as const, params: { timer: 'rto' } }
const send = (kind: string) => ({ type: 'transmit' as const, params: { kind } })
const ack = {
  type: 'transmit' as const,
  params: ({ context }: { context: Registers }) => ({ kind: 'ACK', verno: context.sndNxt }),
}
const fin = {
  type: 'transmit' as const,
  params: ({ context }: { context: Registers }) => ({ kind: 'FIN', verno: context.sndNxt }),
}
const notify = (what: string) => ({ type: 'notify' as const, params: { what } })
const reset = { target: 'CLOSED', guard: 'resetInWindow', actions: ['clearTimers', notify('reset')] } as const
const giveUp = { target: 'CLOSED', guard: 'triesSpent', actions: [send('RST'), notify('timeout')] } as const
const again = { actions: ['bumpTries', 'resend', rto] } as const
const gone = { target: 'CLOSED', actions: [send('RST'), 'clearTimers'] } as const
const openTimeouts = [giveUp, again] as const
const repeatAck = { guard: 'oldSegment', actions: [ack] } as const
const takeAck = { guard: 'acksNew', actions: ['advanceUna', disarm] } as const

export const sampleMachine = setup({
  types: {} as { context: Registers; events: Packet },
  guards: {
    nonceMatches: ({ context, event }) => event.nonce === context.peer,
    acksNew: ({ context, event }) => event.ackno > context.sndUna,
    acksFin: ({ context, event }) => event.ackno === context.sndNxt,
    oldSegment: ({ context, event }) => event.verno < context.rcvNxt,
    resetInWindow: ({ context, event }) => event.verno >= context.rcvNxt,
    triesSpent: ({ context }) => context.tries > 15,
    newerThan: ({ event }, params: { verno: number }) => event.verno > params.verno,
    roomForPending: () => true,
  },
  actions: {
    transmit: (_, _params: Sent) => {},
    arm: (_, _params: { timer: string }) => {},
    disarm: (_, _params: { timer: string }) => {},
    notify: (_, _params: { what: string }) => {},
    adopt: (_, _params: { address: number }) => {},
    clearTimers: () => {},
    resend: () => {},
    thaw: () => {},
    freeze: () => {},
    takeVerno: assign({ rcvNxt: ({ event }) => event.verno + 1 }),
    advanceUna: assign({ sndUna: ({ event }) => event.ackno }),
    bumpTries: assign({ tries: ({ context }) => context.tries + 1 }),
  },
}).createMachine({
  id: 'sample',
  type: 'parallel',
  context: { sndNxt: 0, sndUna: 0, rcvNxt: 0, tries: 0, peer: 0 },
  states: {
    connection: {
      initial: 'INIT',
      states: {
        INIT: {
          on: {
            LISTEN: { target: 'LISTEN', actions: ['clearTimers'] },
            CONNECT: { target: 'REQUEST', actions: [send('SYN'), rto] },
            ACCEPT: { target: 'RESPOND', actions: ['takeVerno', send('SYNACK'), rto] },
            CLOSE: { target: 'CLOSED' },
          },
        },
        LISTEN: {
          on: {
            SYN: [
              { guard: 'roomForPending', actions: [notify('pending')] },
              { actions: [notify('overflow')] },
            ],
            CLOSE: { target: 'CLOSED', actions: ['clearTimers'] },
            RST: { guard: not('nonceMatches') },
          },
        },
        REQUEST: {
          on: {
            SYNACK: {
              target: 'CONNECTED',
              guard: and(['nonceMatches', 'acksNew']),
              actions: ['takeVerno', 'advanceUna', disarm, ack, notify('connected')],
            },
            SYN: { target: 'RESPOND', guard: 'roomForPending', actions: ['takeVerno', send('SYNACK')] },
            TIMEOUT: openTimeouts,
            CLOSE: gone,
            RST: reset,
          },
        },
        RESPOND: {
          on: {
            ACK: {
              target: 'CONNECTED',
              guard: and(['nonceMatches', 'acksNew']),
              actions: ['advanceUna', disarm, notify('connected')],
            },
            DATA: {
              target: 'CONNECTED',
              guard: and(['nonceMatches', 'acksNew']),
              actions: ['advanceUna', disarm, notify('connected')],
            },
            SYN: { guard: 'oldSegment', actions: [send('SYNACK')] },
            CLOSE: { target: 'FINWAIT1', actions: [fin, rto] },
            TIMEOUT: openTimeouts,
            RST: reset,
          },
        },
        CONNECTED: {
          entry: ['thaw'],
          exit: ['clearTimers'],
          on: {
            CLOSE: { target: 'FINWAIT1', actions: [fin, rto] },
            FIN: { target: 'CLOSEWAIT', guard: 'nonceMatches', actions: ['takeVerno', ack, notify('eof')] },
            SYNACK: repeatAck,
            ACK: takeAck,
            DATA: takeAck,
            RST: reset,
            ABORT: gone,
          },
        },
        FINWAIT1: {
          on: {
            ACK: { target: 'FINWAIT2', guard: 'acksFin', actions: ['advanceUna', disarm] },
            FIN: [
              {
                target: 'TIMEWAIT',
                guard: and(['nonceMatches', 'acksFin']),
                actions: ['takeVerno', ack, { type: 'arm', params: { timer: 'timewait' } }],
              },
              { target: 'CLOSING', guard: 'nonceMatches', actions: ['takeVerno', ack] },
            ],
            DATA: takeAck,
            SYNACK: repeatAck,
            TIMEOUT: openTimeouts,
            RST: reset,
            ABORT: gone,
          },
        },
        FINWAIT2: {
          on: {
            FIN: {
              target: 'TIMEWAIT',
              guard: 'nonceMatches',
              actions: ['takeVerno', ack, { type: 'arm', params: { timer: 'timewait' } }],
            },
            ACK: takeAck,
            DATA: takeAck,
            EXPIRE: { target: 'CLOSED', actions: ['clearTimers'] },
            RST: reset,
            ABORT: gone,
          },
        },
        CLOSING: {
          on: {
            ACK: {
              target: 'TIMEWAIT',
              guard: 'acksFin',
              actions: ['advanceUna', { type: 'arm', params: { timer: 'timewait' } }],
            },
            FIN: repeatAck,
            TIMEOUT: openTimeouts,
            RST: reset,
          },
        },
        CLOSEWAIT: {
          on: {
            CLOSE: { target: 'LASTACK', actions: [fin, rto] },
            FIN: repeatAck,
            ACK: takeAck,
            RST: reset,
            ABORT: gone,
          },
        },
        LASTACK: {
          on: {
            ACK: { target: 'CLOSED', guard: 'acksFin', actions: ['clearTimers', notify('closed')] },
            FIN: repeatAck,
            TIMEOUT: openTimeouts,
            RST: reset,
          },
        },
        TIMEWAIT: {
          on: {
            FIN: repeatAck,
            EXPIRE: { target: 'CLOSED', actions: ['clearTimers', notify('closed')] },
          },
        },
        CLOSED: { type: 'final' },
      },
    },
    migration: {
      initial: 'INITIAL',
      states: {
        INITIAL: {
          on: {
            MIGRATE: {
              target: 'RSYN_SENT',
              guard: stateIn({ connection: 'CONNECTED' }),
              actions: ['freeze', send('RSYN'), rto],
            },
            RSYN: {
              target: 'RSYN_RECV',
              guard: and(['nonceMatches', { type: 'newerThan', params: { verno: 3 } }]),
              actions: [
                'takeVerno',
                { type: 'transmit', params: ({ event }) => ({ kind: 'RSYNACK', to: event.from }) },
              ],
            },
          },
        },
        RSYN_SENT: {
          on: {
            RSYNACK: {
              target: 'INITIAL',
              guard: and(['nonceMatches', 'acksNew']),
              actions: ['advanceUna', ack, disarm, 'thaw'],
            },
            RSYN: {
              target: 'RSYN_SENT_RECV',
              guard: 'nonceMatches',
              actions: ['takeVerno', send('RSYNACK')],
            },
            MIGRATE: { actions: [send('RSYN'), rto] },
            TIMEOUT: [{ target: 'INITIAL', guard: 'triesSpent', actions: ['thaw'] }, again],
          },
        },
        RSYN_RECV: {
          on: {
            ACK: {
              target: 'INITIAL',
              guard: and(['nonceMatches', 'acksNew']),
              actions: [{ type: 'adopt', params: ({ event }) => ({ address: event.from }) }, disarm, 'thaw'],
            },
            RSYN: { guard: 'nonceMatches', actions: [send('RSYNACK')] },
            MIGRATE: { target: 'RSYN_SENT_RECV', actions: [send('RSYN'), rto] },
            TIMEOUT: [{ target: 'INITIAL', guard: 'triesSpent', actions: ['thaw'] }, again],
          },
        },
        RSYN_SENT_RECV: {
          on: {
            RSYNACK: {
              target: 'RSYN_RECV',
              guard: and(['nonceMatches', 'acksNew']),
              actions: ['advanceUna', ack],
            },
            ACK: {
              target: 'RSYN_SENT',
              guard: and(['nonceMatches', 'acksNew']),
              actions: [{ type: 'adopt', params: ({ event }) => ({ address: event.from }) }],
            },
            TIMEOUT: [{ target: 'INITIAL', guard: 'triesSpent', actions: ['thaw'] }, again],
          },
        },
      },
    },
  },
})
