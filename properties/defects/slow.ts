/** Defects that a timer hides: elsewhere each goal is still reached, after a timeout. Only promptness finds them. */
import type { LoweredMachine } from '../../checker/lower/step.ts'
import { flow } from '../../spec/machines/flow/compiled.ts'
import { registrant } from '../../spec/machines/registration/compiled.ts'
import { delayQueue } from '../../spec/machines/resolution/compiled.ts'
import { promptBounds } from '../../spec/worlds/prompt.ts'
import type { Defect } from './defect.ts'
import { actionOf, doing, type Edit, edit, editAll } from './patch.ts'

/** A transition without the effects of these names. */
const silent =
  (...effects: string[]): Edit =>
  t => ({ ...t, actions: t.actions.filter(({ name }) => !effects.includes(name)) })

const sendingNothing = (...transitions: string[]): LoweredMachine =>
  edit(flow, transitions, silent('transmit'))

export const slowDefects: readonly Defect[] = [
  {
    id: 'S7p',
    sentence: 'A client sends its first SYN at its first timeout.',
    shownBy: [{ model: 'two-party', bounds: promptBounds }],
    replacement: { machines: { flow: sendingNothing('connection.INIT CONNECT') } },
  },
  {
    id: 'S5p',
    sentence: 'A client answers a SYN-ACK at its next timeout.',
    shownBy: [{ model: 'two-party', bounds: promptBounds }],
    replacement: { machines: { flow: sendingNothing('connection.REQUEST SYNACK') } },
  },
  {
    id: 'S24p',
    sentence: 'A flow that moves sends its first RSYN at its first timeout.',
    shownBy: [{ model: 'crossing', bounds: { ...promptBounds, clientMoves: 1, serverMoves: 0 } }],
    replacement: { machines: { flow: sendingNothing('migration.INITIAL MOVE') } },
  },
  {
    id: 'S24q',
    sentence: 'A flow that moves again on its way sends the RSYN of its second move at its next timeout.',
    shownBy: [{ model: 'crossing', bounds: { ...promptBounds, clientMoves: 2, serverMoves: 0 } }],
    replacement: { machines: { flow: sendingNothing('migration.RSYN_SENT MOVE') } },
  },
  {
    id: 'S38p',
    sentence: 'A flow that is half-closed and moves sends its first RSYN at its first timeout.',
    shownBy: [{ model: 'half-closed', bounds: { ...promptBounds, clientMoves: 1, serverMoves: 0 } }],
    replacement: { machines: { flow: sendingNothing('migration.INITIAL MOVE') } },
  },
  {
    id: 'S41p',
    sentence: 'An end that closes sends its FIN at its first timeout.',
    shownBy: [{ model: 'two-party', bounds: { ...promptBounds, clientMoves: 0, serverMoves: 0, closes: 2 } }],
    replacement: {
      machines: {
        flow: editAll(flow, t => (t.event === 'CLOSE' && t.source !== 'RESPOND' ? silent('transmit')(t) : t)),
      },
    },
  },
  {
    id: 'S20p',
    sentence: 'A server does not answer the ACK of the handshake, so its client repeats that ACK.',
    shownBy: [
      {
        model: 'two-party',
        bounds: { ...promptBounds, clientMoves: 0, serverMoves: 0, closes: 0, aborts: 0 },
      },
    ],
    replacement: { machines: { flow: sendingNothing('connection.RESPOND ACK') } },
  },
  {
    id: 'S2p',
    sentence: 'An end that aborts sends no RST.',
    shownBy: [
      {
        model: 'two-party',
        bounds: { ...promptBounds, clientMoves: 0, serverMoves: 0, closes: 0, aborts: 1 },
      },
    ],
    replacement: {
      machines: { flow: editAll(flow, t => (t.event === 'ABORT' ? silent('transmit')(t) : t)) },
    },
  },
  {
    id: 'S59p',
    sentence: 'A connected end sends no data.',
    shownBy: [{ model: 'two-party', bounds: { ...promptBounds, clientMoves: 0, serverMoves: 0, data: 1 } }],
    replacement: {
      machines: { flow: edit(flow, ['connection.CONNECTED SEND'], doing(actionOf(flow, 'arm'))) },
    },
  },
  {
    id: 'S49p',
    sentence: 'A host sends its registration at its first timeout.',
    shownBy: [
      {
        model: 'registration',
        bounds: { prompt: 1, capacity: 6, loss: 0, duplication: 0, binds: 1, controllers: 1 },
      },
    ],
    replacement: {
      machines: { registrant: edit(registrant, ['registrant.UNREGISTERED BIND'], silent('register')) },
    },
  },
  {
    id: 'S52p',
    sentence: 'A hop queries its controller at its first timeout.',
    shownBy: [{ model: 'delay', bounds: { prompt: 1, loss: 0, crashes: 0, giveUp: 0 } }],
    replacement: { machines: { delayQueue: edit(delayQueue, ['delayQueue.IDLE MISS #2'], silent('ask')) } },
  },
  {
    id: 'S85p',
    sentence: 'Without losses, a server stays on the relay that its client leaves.',
    shownBy: [{ model: 'punching', bounds: { ...promptBounds, strangers: 0, attempts: 1 } }],
    replacement: { scope: { hearsPunch: () => false } },
  },
]
