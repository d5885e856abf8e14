import { Latest } from '../../checker/text/latest.ts'
import { settingOf, type Variant } from '../../checker/trace/setting.ts'
import { catalogue, type SalSetting } from '../../traces/catalogue.ts'

/** The most lanes that take units at a time: each needs the setting of its job until the job is done. */
export const MOST_LANES = 4

/** The settings of units that are being taken here, by the text of their variants. Lowering a world takes a second. */
const known = new Latest<string, SalSetting>(MOST_LANES)

/** Returns the setting of a variant. Throws TRACE_MODEL, TRACE_BOUND and TRACE_NAME. */
export function settingFor(variant: Variant): SalSetting {
  const text = JSON.stringify(variant)
  const setting = known.get(text) ?? settingOf(variant, catalogue)
  known.set(text, setting)
  return setting
}
