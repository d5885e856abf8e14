import type { Catalogue } from '../checker/trace/model.ts'
import type { Setting } from '../checker/trace/setting.ts'
import { defects } from '../properties/defects/index.ts'
import { models } from '../spec/worlds/index.ts'
import type { Model } from '../spec/worlds/model.ts'

/** SAL's models and defects, which the traces of this project may name. */
export const catalogue: Catalogue<Model> = { models, defects }

/** The setting of a trace of SAL. */
export type SalSetting = Setting<Model>
