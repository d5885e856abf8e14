import { settingOf, type Variant } from '../../checker/trace/setting.ts'
import { catalogue, type SalSetting } from '../../traces/catalogue.ts'

/** The settings of units that are being taken here, by the text of their variants. Lowering a world takes a second. */
const known = new Map<string, SalSetting>()

/** The most lanes that take units at a time: each needs the setting of its job until the job is done. */
export const MOST_LANES = 4

/** Returns the setting of a variant. Throws TRACE_MODEL, TRACE_BOUND and TRACE_NAME. */
export function settingFor(variant: Variant): SalSetting {
  const text = JSON.stringify(variant)
  const setting = known.get(text) ?? settingOf(variant, catalogue)
  // The last one used stands last.
  known.delete(text)
  known.set(text, setting)
  const [oldest] = known.keys()
  if (known.size > MOST_LANES && oldest !== undefined) known.delete(oldest)
  return setting
}
