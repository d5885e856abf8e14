/**
 * The specification: SAL's machines, the models in which they are checked, and the wire format.
 * ```ts
 * const { world } = settingOf({ model: 'handshake', bounds: {} }, { models, defects: [] })
 * const { verdict } = await explore(world.system)
 * ```
 */
export { flowMachine } from '../spec/machines/flow/machine.ts'
export { KINDS, type Packet } from '../spec/machines/flow/packets.ts'
export { flowStep } from '../spec/machines/flow/step.ts'
export { listenerMachine } from '../spec/machines/listener/machine.ts'
export { keeperMachine } from '../spec/machines/registration/keeper.ts'
export { registrantMachine } from '../spec/machines/registration/registrant.ts'
export { registrarMachine } from '../spec/machines/registration/registrar.ts'
export { relayMachine } from '../spec/machines/relay/machine.ts'
export { rendezvousMachine } from '../spec/machines/rendezvous/machine.ts'
export { delayQueueMachine } from '../spec/machines/resolution/delayQueue.ts'
export { forwarderMachine } from '../spec/machines/resolution/forwarder.ts'
export { seekerMachine } from '../spec/machines/resolution/seeker.ts'
export { decodeFrame, type Frame, newFrame } from '../spec/wire/frame.ts'
export { encodeHeader, type Outgoing } from '../spec/wire/header.ts'
export { kindOf } from '../spec/wire/kinds.ts'
export { models } from '../spec/worlds/index.ts'
export type { Model } from '../spec/worlds/model.ts'
