import { settingOf, type Variant } from '../../checker/trace/setting.ts'
import { catalogue, type SalSetting } from '../../traces/catalogue.ts'

/** The last setting, with the text of its variant. Units of one job follow each other, and lowering a world takes a second. */
let last: { readonly text: string; readonly setting: SalSetting } | undefined

/** Returns the setting of a variant. Throws TRACE_MODEL, TRACE_BOUND and TRACE_NAME. */
export function settingFor(variant: Variant): SalSetting {
  const text = JSON.stringify(variant)
  if (last?.text !== text) last = { text, setting: settingOf(variant, catalogue) }
  return last.setting
}
