/** The steps of the machines of registration, which hosts and controllers run. They are printed from the machines. */
import { compiled } from '../../../checker/lower/standalone.ts'
import {
  type KeeperEffect,
  type KeeperState,
  keeper,
  keeperInterface,
  type RegistrantEffect,
  type RegistrantState,
  type RegistrarEffect,
  type RegistrarState,
  registrant,
  registrantInterface,
  registrar,
  registrarInterface,
} from './compiled.ts'
import type { KeeperEvent } from './keeper.ts'
import type { RegistrantEvent } from './registrant.ts'
import type { RegistrarEvent } from './registrar.ts'

export const registrantStep = compiled<RegistrantState, RegistrantEvent, RegistrantEffect>(
  registrant,
  registrantInterface,
)

export const registrarStep = compiled<RegistrarState, RegistrarEvent, RegistrarEffect>(
  registrar,
  registrarInterface,
)

export const keeperStep = compiled<KeeperState, KeeperEvent, KeeperEffect>(keeper, keeperInterface)
