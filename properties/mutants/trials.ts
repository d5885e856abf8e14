/** The worlds in which mutants are tried: small ones, the quickest first, which together take every transition. */
import { must } from '../../checker/text/at.ts'
import { defaultBounds, leastBounds } from '../../spec/worlds/bounds.ts'
import { models } from '../../spec/worlds/index.ts'
import type { Bounds, Model, Replacement } from '../../spec/worlds/model.ts'
import { caughtBy } from '../defects/catchers.ts'
import type { Mutant } from './mutant.ts'

export interface Trial {
  readonly model: string
  /** Bounds that are not named here have their least values. */
  readonly bounds: Bounds
  /** The machines whose mutants are tried. Default: flow and listener. */
  readonly machines?: readonly string[]
  /** A world too large for every mutant: only mutants with these names are tried, against one invariant. */
  readonly only?: { readonly mutants: RegExp; readonly invariant: string }
}

const FLOWS: readonly string[] = ['flow', 'listener']

const moves = { clientMoves: 1, serverMoves: 1 }

/** A prompt world at its default bounds: it shows that no timer has to stand in for a packet that is never sent. */
const prompt = (model: string, machines = FLOWS, bounds: Bounds = {}): Trial => ({
  model,
  bounds: { prompt: 1, ...bounds },
  machines,
})

export const trials: readonly Trial[] = [
  {
    model: 'lying-peer',
    bounds: { capacity: 1, challenges: 1, lies: 3, data: 1 },
    only: { mutants: /isChallenged|echoes/, invariant: '16' },
  },
  {
    model: 'punching',
    bounds: { capacity: 2, attempts: 1, dependent: 1 },
    only: { mutants: /fromReached/, invariant: '85c' },
  },
  { model: 'crossing', bounds: { capacity: 1, ...moves } },
  { model: 'restart', bounds: { capacity: 1, data: 1, closes: 2 } },
  { model: 'two-party', bounds: { capacity: 1, clientMoves: 1, data: 1, closes: 1 } },
  { model: 'two-party', bounds: { capacity: 1, clientMoves: 1, closes: 2 } },
  { model: 'handshake', bounds: { capacity: 1, backlog: 2, closes: 2, shut: 1, aborts: 1 } },
  { model: 'prototype-server', bounds: { capacity: 2, data: 1 } },
  { model: 'make-before-break', bounds: { capacity: 1, clientMoves: 1, data: 1, dead: 1 } },
  prompt('two-party', FLOWS, { serverMoves: 0, aborts: 1 }),
  prompt('crossing'),
  prompt('half-closed'),
  prompt('make-before-break'),
  prompt('negotiation'),
  { model: 'make-before-break', bounds: { capacity: 1, clientMoves: 1, data: 1, closes: 2, dead: 1 } },
  { model: 'make-before-break', bounds: { capacity: 1, clientMoves: 1, data: 1, losses: 1 } },
  { model: 'half-closed', bounds: { capacity: 1, clientMoves: 1, data: 1 } },
  {
    model: 'two-party',
    bounds: { capacity: 1, clientMoves: 1, closes: 2, aborts: 1, giveUp: 1 },
  },
  { model: 'crossing', bounds: { capacity: 1, ...moves, giveUp: 1 } },
  { model: 'crossing', bounds: { capacity: 1, ...moves, closes: 1, giveUp: 1 } },
  { model: 'challenge', bounds: { capacity: 1, ...moves, closes: 1 } },
  { model: 'flood', bounds: { capacity: 1, epochs: 3, memory: 2, closes: 2 } },
  { model: 'reflection', bounds: { capacity: 1, closes: 2, shut: 1 } },
  { model: 'join-attack', bounds: { capacity: 1, data: 1 }, machines: [...FLOWS, 'connection'] },
  {
    model: 'joining',
    bounds: { capacity: 1, moves: 1, closes: 1, ends: 1 },
    machines: [...FLOWS, 'connection'],
  },
  { model: 'two-clients', bounds: { capacity: 1 } },
  { model: 'rendezvous', bounds: { capacity: 1, loss: 0, closes: 1 } },
  { model: 'off-path', bounds: { capacity: 1, ...moves, closes: 2 } },
  { model: 'anycast', bounds: { capacity: 2, moves: 1 } },
  { model: 'two-party', bounds: { capacity: 1, clientMoves: 2, serverMoves: 1, closes: 2 } },
  { model: 'make-before-break', bounds: { capacity: 1, ...moves, dead: 1 } },
  { model: 'crossing', bounds: { capacity: 2, ...moves } },
  { model: 'two-party', bounds: { capacity: 2, clientMoves: 1, closes: 2 } },
  { model: 'handshake', bounds: { capacity: 1, clients: 2, backlog: 2, closes: 1 } },
  { model: 'crossing', bounds: { capacity: 2, clientMoves: 2, serverMoves: 1 } },
  { model: 'replay', bounds: { capacity: 1, moves: 1, bystander: 1, data: 1 } },
  { model: 'two-party', bounds: { capacity: 2, clientMoves: 1, closes: 2, aborts: 1, giveUp: 1 } },
  { model: 'two-party', bounds: { capacity: 2, clientMoves: 2, closes: 2 } },
  { model: 'crossing', bounds: { capacity: 2, ...moves, closes: 1 } },
  { model: 'crossing', bounds: { capacity: 2, serverMoves: 2 } },
  {
    model: 'crossing',
    bounds: { capacity: 2, clientMoves: 2, serverMoves: 1, closes: 1 },
    only: { mutants: /RSYN_SENT_RECV FIN: sentAfterVersion/, invariant: '17' },
  },
  {
    model: 'replay',
    bounds: { capacity: 2, moves: 1, bystander: 1, data: 1, closes: 2 },
    only: { mutants: / DATA|fromFlow/, invariant: '31' },
  },
  {
    model: 'resolution',
    bounds: { capacity: 1, connects: 1, changes: 4, hops: 2, loss: 0 },
    machines: ['forwarder'],
  },
  {
    model: 'delay',
    bounds: { first: 2, second: 1, cap: 1, room: 2, loss: 1, crashes: 1, giveUp: 1 },
    machines: ['forwarder', 'delayQueue'],
  },
  {
    model: 'delay',
    bounds: { first: 2, second: 2, cap: 1, room: 2, loss: 0, crashes: 0 },
    machines: ['delayQueue'],
  },
  prompt('delay', ['forwarder', 'delayQueue']),
  { model: 'rendezvous', bounds: { capacity: 1, stranger: 1, loss: 0 }, machines: ['rendezvous'] },
  { model: 'rendezvous', bounds: { capacity: 2, loss: 0 }, machines: ['rendezvous'] },
  { model: 'joining', bounds: { capacity: 1, moves: 1, closes: 2, ends: 1 }, machines: ['connection'] },
  { model: 'flows', bounds: { capacity: 1, adds: 1, removes: 1, data: 1 }, machines: ['connection'] },
  {
    model: 'flows',
    bounds: { capacity: 1, adds: 1, marks: 1, closes: 2, aborts: 1 },
    machines: ['connection'],
  },
  {
    model: 'flows',
    bounds: { capacity: 1, adds: 1, changes: 1, closes: 1, deaths: 1 },
    machines: ['connection'],
  },
  {
    model: 'flows',
    bounds: { capacity: 1, adds: 2, removes: 1, closes: 2, forges: 1 },
    machines: ['connection'],
  },
  prompt('joining', ['connection']),
  { model: 'seeking', bounds: {}, machines: ['seeker'] },
  {
    model: 'seeking',
    bounds: { capacity: 2, loss: 1, duplication: 1, reordering: 1, closes: 2 },
    machines: ['seeker'],
  },
  { model: 'keeping', bounds: { deaths: 1, kills: 1 }, machines: ['keeper'] },
  { model: 'keeping', bounds: { deaths: 1, kills: 1, signed: 1 }, machines: ['keeper'] },
  { model: 'keeping', bounds: { deaths: 1, kills: 1, outages: 1 }, machines: ['keeper'] },
  { model: 'keeping', bounds: { deaths: 1, kills: 1, outages: 1, losses: 1 }, machines: ['keeper'] },
  prompt('registration', ['registrant', 'registrar']),
  {
    model: 'registration',
    bounds: { binds: 2, moves: 1, crashes: 1, restarts: 1, controllers: 2, capacity: 2 },
    machines: ['registrant', 'registrar'],
  },
  {
    model: 'registration',
    bounds: { binds: 1, moves: 1, crashes: 1, restarts: 1, giveUp: 1, controllers: 2, capacity: 2 },
    machines: ['registrant', 'registrar'],
  },
  {
    model: 'eviction',
    bounds: { binds: 1, moves: 1, restarts: 1, controllers: 2, capacity: 2 },
    machines: ['registrant', 'registrar'],
  },
]

/** Returns whether the trial tries mutants of this machine. */
const isAbout = ({ machines = FLOWS }: Trial, machine: string): boolean => machines.includes(machine)

/** Returns whether the trial tries this mutant, if the mutant makes a difference in its world. */
export const tries = (trial: Trial, { name, machine }: Mutant): boolean =>
  isAbout(trial, machine) && (trial.only?.mutants.test(name) ?? true)

/** Returns the name of a trial, such as `two-party capacity=1 closes=2`. */
export const nameOf = ({ model, bounds }: Trial): string =>
  [model, ...Object.entries(bounds).map(([name, value]) => `${name}=${value}`)].join(' ')

const byName = new Map(trials.map(trial => [nameOf(trial), trial]))

/** Returns the bounds of the trial's world: the model's defaults for a prompt world, the least ones for others. */
function boundsOf(model: Model, asked: Bounds): Bounds {
  return asked.prompt === 1
    ? { ...defaultBounds(model), ...model.prompt, ...asked }
    : leastBounds(model, asked)
}

/** Returns the trial with this name. */
export const trialNamed = (name: string): Trial => must(byName.get(name), name)

export function worldOf({ model: name, bounds }: Trial, replacement?: Replacement) {
  const model = models.find(m => m.name === name)
  if (!model) throw new Error(`there is no model '${name}'`)
  for (const [bound, value] of Object.entries(bounds)) {
    const range = model.bounds[bound]
    if (!range || value < range.min || value > range.max)
      throw new Error(`${name} has no bound '${bound}' that may be ${value}; correct the trial`)
  }
  const world = model.world(boundsOf(model, bounds), replacement)
  return bounds.prompt === 1 ? world : { ...world, system: caughtBy(world.system) }
}
